//! The table of keys: what each does, in words; it feeds the keys, the tooltips and the F1 page.

use egui::{Key, Modifiers};

use super::state::Place;

/// One thing that a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDoes {
    /// Go to a place.
    Go(Place),
    /// Open a file.
    Open,
    /// Take the clipboard as an input (egui hands the text over).
    Paste,
    /// Look up a code.
    Codes,
    /// Find in the log.
    Find,
    /// Find the next.
    FindNext,
    /// Copy the selected line with what belongs to it (egui hands the event over).
    CopyLine,
    /// Stay at the newest line.
    Follow,
    /// Save the session.
    Save,
    /// Go to the report.
    Report,
    /// Address row of the server.
    Address,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// 100 %.
    ZoomReset,
    /// Show these keys.
    Keys,
    /// Next panel.
    NextPanel,
    /// Previous panel.
    PreviousPanel,
    /// Up or down in a list, by this many rows.
    Move(i8),
    /// First row.
    First,
    /// Last row.
    Last,
    /// Back from a proof.
    Back,
    /// Open the proof of the selected row.
    OpenProof,
    /// Go to the stop.
    Stop,
    /// Compare with the good run, then go to the next difference.
    NextDifference,
    /// Order or scale of time.
    TimeScale,
    /// Fold or unfold.
    Fold,
    /// Answer the open question.
    Answer(u8),
    /// Go to a question: digits follow.
    Question,
    /// Cancel, close, clear.
    Escape,
}

/// A row of the table.
pub struct KeyRow {
    /// What it does.
    pub does: KeyDoes,
    /// As written on keyboards.
    pub keys: &'static str,
    /// In words.
    pub words: &'static str,
    /// The key with its modifiers; `None` where egui hands the result over.
    pub key: Option<(Modifiers, Key)>,
    /// Only when no text field has the focus.
    pub bare: bool,
}

const fn row(
    does: KeyDoes,
    keys: &'static str,
    words: &'static str,
    m: Modifiers,
    k: Key,
) -> KeyRow {
    KeyRow {
        does,
        keys,
        words,
        key: Some((m, k)),
        bare: false,
    }
}

const fn bare(does: KeyDoes, keys: &'static str, words: &'static str, k: Key) -> KeyRow {
    KeyRow {
        does,
        keys,
        words,
        key: Some((Modifiers::NONE, k)),
        bare: true,
    }
}

const C: Modifiers = Modifiers::COMMAND;
const N: Modifiers = Modifiers::NONE;

/// All keys.
pub static KEYS: &[KeyRow] = &[
    row(KeyDoes::Go(Place::Device), "Ctrl 1", "Device", C, Key::Num1),
    row(
        KeyDoes::Go(Place::Certificates),
        "Ctrl 2",
        "Certificates",
        C,
        Key::Num2,
    ),
    row(KeyDoes::Go(Place::Server), "Ctrl 3", "Server", C, Key::Num3),
    row(
        KeyDoes::Go(Place::Diagnose),
        "Ctrl 4",
        "Diagnose",
        C,
        Key::Num4,
    ),
    row(KeyDoes::Go(Place::Report), "Ctrl 5", "Report", C, Key::Num5),
    row(KeyDoes::Open, "Ctrl O", "Open a file", C, Key::O),
    KeyRow {
        does: KeyDoes::Paste,
        keys: "Ctrl V",
        words: "Paste text as an input",
        key: None,
        bare: true,
    },
    row(KeyDoes::Codes, "Ctrl K", "Look up a code", C, Key::K),
    row(KeyDoes::Find, "Ctrl F", "Find in the log", C, Key::F),
    row(KeyDoes::FindNext, "F3", "Find the next", N, Key::F3),
    KeyRow {
        does: KeyDoes::CopyLine,
        keys: "Ctrl C",
        words: "Copy the selected line with file, line, meaning and verdict",
        key: None,
        bare: true,
    },
    row(
        KeyDoes::Follow,
        "Ctrl End",
        "Stay at the newest line",
        C,
        Key::End,
    ),
    row(KeyDoes::Save, "Ctrl S", "Save the session", C, Key::S),
    row(KeyDoes::Report, "Ctrl P", "Report", C, Key::P),
    row(
        KeyDoes::Address,
        "Ctrl L",
        "Go to the address row of Server",
        C,
        Key::L,
    ),
    row(KeyDoes::ZoomIn, "Ctrl +", "Larger", C, Key::Plus),
    row(KeyDoes::ZoomIn, "Ctrl =", "Larger", C, Key::Equals),
    row(KeyDoes::ZoomOut, "Ctrl −", "Smaller", C, Key::Minus),
    row(KeyDoes::ZoomReset, "Ctrl 0", "100 %", C, Key::Num0),
    row(KeyDoes::Keys, "F1", "These keys", N, Key::F1),
    row(
        KeyDoes::PreviousPanel,
        "Shift F6",
        "Previous panel",
        Modifiers::SHIFT,
        Key::F6,
    ),
    row(KeyDoes::NextPanel, "F6", "Next panel", N, Key::F6),
    row(
        KeyDoes::Back,
        "Alt Left",
        "Back from a proof",
        Modifiers::ALT,
        Key::ArrowLeft,
    ),
    bare(KeyDoes::Move(-1), "Up", "Row above", Key::ArrowUp),
    bare(KeyDoes::Move(1), "Down", "Row below", Key::ArrowDown),
    bare(KeyDoes::First, "Home", "First row", Key::Home),
    bare(KeyDoes::Last, "End", "Last row", Key::End),
    bare(
        KeyDoes::OpenProof,
        "Enter",
        "Show the selected row in the log",
        Key::Enter,
    ),
    bare(KeyDoes::Stop, "G", "Go to the stop", Key::G),
    bare(
        KeyDoes::NextDifference,
        "D",
        "Compare with the good run; next difference",
        Key::D,
    ),
    bare(KeyDoes::TimeScale, "T", "Time by order or to scale", Key::T),
    bare(KeyDoes::Fold, "Space", "Fold and unfold", Key::Space),
    bare(
        KeyDoes::Answer(1),
        "1",
        "First answer of the open question",
        Key::Num1,
    ),
    bare(KeyDoes::Answer(2), "2", "Second answer", Key::Num2),
    bare(KeyDoes::Answer(3), "3", "Third answer", Key::Num3),
    bare(KeyDoes::Answer(4), "4", "Fourth answer", Key::Num4),
    bare(
        KeyDoes::Question,
        "Q, digits",
        "Go to that question",
        Key::Q,
    ),
    row(
        KeyDoes::Escape,
        "Esc",
        "Cancel, then close, then clear the selection",
        N,
        Key::Escape,
    ),
];
