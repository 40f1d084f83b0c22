//! The Certificates place through a real session: files in, device and host chosen in the window.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fake_session.rs"]
mod fake_session;
#[path = "support/live_window.rs"]
mod live_window;
#[path = "support/window.rs"]
mod window;

use std::path::{Path, PathBuf};

use egui::{Event, PointerButton, Vec2, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use handlens::session::Folders;
use handlens::ui::SessionSource;
use handlens::ui::certificates::WorkView;
use handlens::ui::command::Command;
use handlens::ui::state::Place;

use live_window::{Live, SMALL, USUAL};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/certs")
        .join(name)
}

fn live(size: Vec2, theme: &str, files: &[&str]) -> Live {
    live_in(Folders::default(), size, theme, files)
}

fn live_in(folders: Folders, size: Vec2, theme: &str, files: &[&str]) -> Live {
    let mut live = live_window::live_in(folders, size, theme);
    for file in files {
        live.source.dispatch(Command::OpenPath(fixture(file)));
    }
    live.harness.state_mut().state.place = Place::Certificates;
    let count = files.len();
    live.until("files", |l| {
        let seen = &l.source.snapshot().certificates;
        seen.inputs.len() + seen.trusted_inputs.len() == count
    });
    live
}

impl Live {
    /// Waits until the second line of the verdict begins so.
    #[track_caller]
    fn until_next(&mut self, begins: &str) {
        self.until(begins, |l| {
            l.source.snapshot().verdict.second.starts_with(begins)
        });
    }

    fn choose(&self, device: &str) {
        self.source
            .dispatch(Command::ChooseDevice(Some(device.into())));
    }
}

#[test]
fn the_chain_stands_under_the_limits_of_the_device_that_is_chosen() {
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem"]);
    w.until_says("Leaf, ");
    w.until_says("3,410 bytes, from the server");
    w.until_says("Choose a device in the Fit panel to see its limit.");
    w.harness
        .get_by_label("Device profile: Choose a device")
        .click();
    w.settle();
    w.harness.get_by_label("ST SPWF04Sx").scroll_to_me();
    w.settle();
    w.harness.get_by_label("ST SPWF04Sx").click();
    w.until_says("3,410 bytes, from the server, 850 over 2,560");
    w.until_says("483 bytes, from the server, fits");
    w.until_says("Root, ");
    w.until_says("on the device");
    w.until_says("leaf, limit 2,500, value 3,410, +910");
    w.until_says("leaf, other reading, limit 2,560, value 3,410, +850");
    w.until_says("intermediate, limit 2,500, value 483, fits");
    w.until_says("Does not fit the device.");
    w.until_says("Certificate message 3,906 bytes");
    w.until_says("What would bring it under 2,500");
    // Another device has no such limit: the same certificates, other verdicts.
    w.choose("mbedtls-2.16");
    w.until_says("Certificate message in one record, limit 16,384, value 3,906, fits");
    assert!(!w.says("over 2,560"));
    assert!(!w.says("+910"));
}

#[test]
fn fields_add_up_and_a_click_on_a_brick_selects_it() {
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem"]);
    w.choose("spwf04sx");
    w.until_says("850 over 2,560");
    let map = |n: &String| n.starts_with("Leaf, 3,410 bytes: ");
    let name = w.names().into_iter().find(map).expect("the byte map");
    assert!(name.contains("66 names (SAN)"), "{name}");
    assert!(name.ends_with("850 over 2,560"), "{name}");
    w.until_says("adds up to 3,410 bytes");
    let rect = w.harness.get_by_label(&name).rect();
    // The middle of the map lies in the names; the last row in the signature.
    for (y, wanted) in [
        (rect.center().y, "Selected: DNS:"),
        (rect.bottom() - 3.0, "Selected: signature, offset "),
    ] {
        let at = pos2(rect.left() + 5.0, y);
        for pressed in [true, false] {
            w.harness.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: egui::Modifiers::NONE,
            });
            w.harness.run_steps(2);
        }
        w.until_says(wanted);
    }
    // The keys go from brick to brick.
    let before = w.harness.state().state.certificates.brick.unwrap();
    w.harness.get_by_label(&name).focus();
    w.settle();
    w.harness.key_press(egui::Key::ArrowLeft);
    w.settle();
    let after = w.harness.state().state.certificates.brick.unwrap();
    assert_eq!(after, before - 1);
    w.harness.get_by_label("Names beside the map").click();
    w.settle();
    assert!(
        w.names()
            .iter()
            .any(|n| n.starts_with("DNS:") && n.contains(", offset "))
    );
    w.harness.get_by_label("Hex beside the map").click();
    w.settle();
    w.until_says("signature algorithm, offset ");
}

#[test]
fn the_host_is_typed_and_each_stack_answers() {
    let mut w = live(USUAL, "dark", &["cn-is-ip.pem"]);
    w.until_says("Type the host or address that the device connects to.");
    let field = "Host or address that the device asks for";
    w.harness.get_by_label(field).focus();
    w.settle();
    w.harness.get_by_label(field).type_text("192.0.2.17");
    w.settle();
    w.harness.get_by_label("Check this host").click();
    w.until_says("OpenSSL, asked for an address, mismatch");
    w.until_says("u-blox, validation level 2 and 3, match");
    w.until_says("rustls, mismatch");
    assert_eq!(
        w.source.snapshot().certificates.host.as_deref(),
        Some("192.0.2.17")
    );
    w.until_says("ends after 2038-01-19");
    w.until_says("The common name is the address 192.0.2.17");
}

#[test]
fn all_devices_are_compared_and_one_is_chosen_by_its_row() {
    let mut w = live(USUAL, "light", &["chain.pem", "root.pem"]);
    w.until_says("Leaf, ");
    w.harness.get_by_label("All devices").click();
    w.until_says("ST SPWF04Sx, 1 limit broken");
    let row = w.names().into_iter();
    let row = row
        .filter(|n| n.contains(", stock configuration, "))
        .count();
    assert!(row >= 2, "{:?}", w.names());
    w.harness
        .get_by_label_contains("Microchip ATWINC1500/1510, ")
        .click();
    w.until("the device", |l| {
        l.source
            .snapshot()
            .device
            .as_ref()
            .is_some_and(|d| d.id == "atwinc1500")
    });
}

#[test]
fn a_private_key_is_named_and_never_shown() {
    let mut w = live(USUAL, "dark", &["small.pem", "small.key"]);
    w.until_says("Private key, PKCS#8");
    w.until_says("never shown");
    let key = std::fs::read_to_string(fixture("small.key")).unwrap();
    let digits = key.lines().nth(1).unwrap();
    assert!(!w.says(&digits[..20]));
    w.until_says("it belongs to");
}

#[test]
fn a_container_asks_for_its_password_in_every_window() {
    for size in [USUAL, SMALL] {
        let mut w = live(size, "light", &["small-aes.p12"]);
        w.until_says("small-aes.p12 has a password");
        w.inside("Open small-aes.p12 with the password", size);
        let field = "Password of small-aes.p12";
        for (typed, answer) in [
            ("xq-77", ": not the right password"),
            ("handlens", "Leaf, "),
        ] {
            w.harness.get_by_label(field).focus();
            w.settle();
            w.harness.get_by_label(field).type_text(typed);
            w.settle();
            assert!(!w.says(typed), "the password is not shown");
            w.harness
                .get_by_label("Open small-aes.p12 with the password")
                .click();
            w.until_says(answer);
        }
        assert!(!w.says("has a password"));
        assert!(w.harness.state().state.certificates.password.is_empty());
    }
}

#[test]
fn what_was_opened_is_looked_at_in_its_place() {
    let mut w = live(USUAL, "dark", &[]);
    w.harness.state_mut().state.place = Place::Device;
    let pem = std::fs::read_to_string(fixture("small.pem")).unwrap();
    w.harness.event(Event::Paste(pem));
    w.until("the place", |l| {
        l.harness.state().state.place == Place::Certificates
    });
    w.until_says("Dates");
}

#[test]
fn nothing_is_cut_off_at_any_size_in_both_themes() {
    for theme in ["dark", "light"] {
        for size in [SMALL, vec2(800.0, 600.0), USUAL, vec2(1_920.0, 1_080.0)] {
            let mut w = live(size, theme, &["chain.pem", "root.pem"]);
            w.choose("spwf04sx");
            w.source.dispatch(Command::StateFact {
                name: "host".into(),
                value: "a.example.com".into(),
            });
            let narrow = size.x < 1_100.0;
            let tabs: &[(usize, &[&str])] = &[
                (
                    0,
                    &["Leaf, ", "Intermediate, ", "Root, ", "Certificate message"],
                ),
                (
                    1,
                    &["Leaf, 3,410 bytes: ", "adds up to", "Does not fit", "Hex"],
                ),
                (2, &["leaf, limit 2,500", "Device profile", "All devices"]),
                (3, &["fits: "]),
                (4, &["SPWF04Sx, unknown", "Check this host"]),
                (5, &["Leaf, 20"]),
                (6, &["rustls-webpki"]),
            ];
            for (tab, wanted) in tabs {
                w.harness.state_mut().state.certificates.tab = *tab;
                for name in *wanted {
                    w.until_says(name);
                    w.inside(name, size);
                }
                w.harness.check_accessibility();
            }
            if narrow {
                w.harness.get_by_label("Fit").click();
                w.settle();
                assert_eq!(w.harness.state().state.certificates.tab, 2);
            }
        }
    }
}

#[test]
fn without_files_the_place_says_what_it_takes() {
    let mut w = live(USUAL, "dark", &[]);
    w.settle();
    w.until_says("No certificate yet");
    w.until_says("with Mbed TLS that needs debug level 3");
    w.until_says("Open certificates");
}

#[test]
fn what_is_missing_and_what_is_extra_is_said() {
    let mut w = live(USUAL, "dark", &["leaf-66-names.pem", "small.pem"]);
    w.choose("spwf04sx");
    w.until_says("3,410 bytes, from the server, 850 over 2,560");
    assert!(
        w.names()
            .iter()
            .any(|n| n.starts_with("Missing, ") && n.ends_with("size unknown, not sent")),
        "{:?}",
        w.names()
    );
    assert!(w.names().iter().any(|n| n.starts_with("Extra, ")));
    w.until_says("(cert.chain_incomplete)");
}

fn temp(files: &[(&str, String)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = files
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    (folder, paths)
}

fn self_signed(names: &[&str], from: i32, until: i32) -> String {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names.clone()).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0].clone());
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

impl Live {
    fn click_tab(&mut self, name: &str) {
        let tab = egui::accesskit::Role::Tab;
        self.harness.get_by_role_and_label(tab, name).click();
        self.settle();
    }
}

#[test]
fn the_renewed_one_is_compared_with_the_old_one() {
    let many: Vec<String> = (0..90)
        .map(|i| format!("host-{i:02}.fleet.example.com"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (_folder, paths) = temp(&[
        ("a-new.pem", self_signed(&many, 2026, 2027)),
        ("b-old.pem", self_signed(&many[..2], 2025, 2026)),
    ]);
    let mut w = live(USUAL, "dark", &[]);
    for path in &paths {
        w.source.dispatch(Command::OpenPath(path.clone()));
    }
    w.choose("spwf04sx");
    w.until_says("Leaf, ");
    w.click_tab("Compare");
    // The one that begins earlier is the old one, whatever the order of the files.
    w.until_says("Old: b-old.pem");
    w.until_says("New: a-new.pem");
    w.until_says("breaks, Each certificate from the server, leaf: 2,500 or 2,560:");
    w.until("the names", |w| {
        w.says("new: 88 names: host-02") || w.says("names added: nothing to 88 names")
    });
    w.until_says("subject alt name, old ");
    w.harness.get_by_label("Swap old and new").click();
    w.until_says("better, Each certificate from the server, leaf: 2,500 or 2,560:");
    w.until_says("check, Leaf: names no longer there");
    // A third file that comes while the view is open is the renewed one.
    let (_third, more) = temp(&[("c-third.pem", self_signed(&many[..3], 2027, 2028))]);
    w.source.dispatch(Command::OpenPath(more[0].clone()));
    w.until_says("New: c-third.pem");
}

#[test]
fn one_file_alone_asks_for_the_renewed_one() {
    let mut w = live(USUAL, "dark", &["small.pem"]);
    w.until_says("Leaf, ");
    w.click_tab("Compare");
    w.until_says("One side is missing");
    w.until_says("Open the renewed one");
}

#[test]
fn many_files_are_a_list_with_a_filter_and_no_wall() {
    let files: Vec<(String, String)> = (0..20)
        .map(|i| {
            let name = format!("unit{i:02}.example.com");
            let until = if i == 7 { 2025 } else { 2040 };
            (
                format!("unit{i:02}.pem"),
                self_signed(&[&name], 2024, until),
            )
        })
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let (_folder, paths) = temp(&files);
    let mut w = live(USUAL, "light", &[]);
    for path in &paths {
        w.source.dispatch(Command::OpenPath(path.clone()));
    }
    w.until("all files", |l| {
        l.source.snapshot().certificates.inputs.len() == 20
    });
    // So many are no chain of one server: the list is shown first, and one file is looked at.
    w.until_says("20 certificates in 20 files read");
    w.until_says("unit00.example.com, unit00.pem, ");
    w.until_next("Click a row to see the chain of its file.");
    w.click_tab("Inspect");
    w.until_says("Leaf, ");
    let extra = w
        .names()
        .iter()
        .filter(|n| n.starts_with("Extra, "))
        .count();
    assert_eq!(extra, 0, "the others are listed, not drawn");
    w.click_tab("Files 20");
    w.until_says("unit07.example.com, unit07.pem, ");
    w.harness.get_by_label("Filter").focus();
    w.settle();
    w.harness.get_by_label("Filter").type_text("expired 07");
    w.settle();
    let rows = |w: &Live| {
        let names = w.names();
        names
            .iter()
            .filter(|n| n.contains(".example.com, unit"))
            .count()
    };
    assert_eq!(rows(&w), 1);
    // A row goes to the chain of its file.
    w.harness
        .get_by_label_contains("unit07.example.com, unit07.pem")
        .click();
    w.until_says("Leaf, unit07.example.com, ");
    w.until_says("All files together");
    w.click_tab("Files 20");
    w.harness.get_by_label("Remove unit07.pem").click();
    w.until("one less", |l| {
        l.source.snapshot().certificates.inputs.len() == 19
    });
    w.until_says("No row holds these words.");
}

#[test]
fn compare_and_files_fit_every_window() {
    for theme in ["dark", "light"] {
        for size in [SMALL, vec2(800.0, 600.0), USUAL] {
            let mut w = live(size, theme, &["names-20.pem", "names-66.pem"]);
            w.choose("spwf04sx");
            w.until("inspected", |l| l.source.inspected().is_some());
            w.harness.state_mut().state.certificates.view = WorkView::Compare;
            w.until_says("breaks, Each certificate from the server");
            for name in ["Old: ", "New: ", "Swap old and new", "Device profile"] {
                w.inside(name, size);
            }
            w.harness.check_accessibility();
            w.harness.state_mut().state.certificates.view = WorkView::Files;
            w.until_says("Filter");
            for name in ["Filter", "Order: file order", "Remove names-20.pem"] {
                w.inside(name, size);
            }
            w.harness.check_accessibility();
        }
    }
}

#[test]
fn certificates_are_written_and_nothing_is_replaced_without_asking() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem", "small.key"]);
    w.choose("spwf04sx");
    w.until_says("850 over 2,560");
    w.click_tab("Export");
    w.until_says("-chain.pem, 5,3");
    // 2,560 for a file that is stored; the limit of a bundle is for CAs alone.
    w.until_says("-chain.pem, 5,383 bytes, PEM with LF, 2 certificates, +2,823");
    w.harness.get_by_label("As it takes them").click();
    w.until_says("load-spwf04.txt");
    w.until_says("AT+S.TLSCERT=ca,483");
    w.harness.get_by_label("DER").click();
    w.until_says("handlens-test-issuing-ca.der, 483 bytes, DER, fits");
    w.harness.get_by_label("Folder to write to").focus();
    w.settle();
    let path = folder.path().to_string_lossy().into_owned();
    w.harness
        .get_by_label("Folder to write to")
        .type_text(&path);
    w.settle();
    w.harness.get_by_label("Write files").click();
    w.until_says("Wrote 2 files, 3,893 bytes, to ");
    let written = folder.path().join("handlens-test-issuing-ca.der");
    let first = std::fs::read(&written).unwrap();
    assert_eq!(first.len(), 483);
    std::fs::write(&written, "mine").unwrap();
    w.harness.get_by_label("Write files").click();
    w.until_says("Nothing was written.");
    assert_eq!(std::fs::read(&written).unwrap(), b"mine");
    w.harness.get_by_label("Replace them").click();
    w.until_says("Wrote 2 files");
    assert_eq!(std::fs::read(&written).unwrap(), first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_export_fits_every_window() {
    for (theme, size) in [
        ("dark", SMALL),
        ("light", vec2(800.0, 600.0)),
        ("light", USUAL),
    ] {
        let mut w = live(size, theme, &["chain.pem", "root.pem"]);
        w.until("inspected", |l| l.source.inspected().is_some());
        w.harness.state_mut().state.certificates.view = WorkView::Export;
        w.until_says("Certificates to export");
        w.inside("Certificates to export", size);
        if size != SMALL {
            w.inside("Script: ", size);
        }
        w.harness.check_accessibility();
        w.harness.state_mut().state.certificates.export.tab = 1;
        w.until_says("Folder to write to");
        for name in ["Folder to write to", "Write files", "-chain.pem, "] {
            // The files are planned beside the window.
            w.until_says(name);
            w.inside(name, size);
        }
        w.harness.check_accessibility();
    }
}

impl Live {
    /// Replaces what stands in the field of this name.
    fn retype(&mut self, name: &str, text: &str) {
        self.harness.get_by_label(name).focus();
        self.settle();
        self.harness
            .key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.settle();
        self.harness.get_by_label(name).type_text(text);
        self.settle();
    }
}

#[test]
fn a_profile_is_copied_changed_kept_and_handed_on() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders {
        knowledge: Some(folder.path().to_owned()),
        ..Folders::default()
    };
    let mut w = live_in(folders, USUAL, "dark", &["chain.pem", "root.pem"]);
    w.until_says("Leaf, ");
    w.click_tab("Devices");
    w.until_says("ST SPWF04Sx, 1 limit broken");
    w.retype("Filter of devices", "spwf04");
    assert!(!w.says("wolfSSL, "), "the filter leaves one");
    w.harness
        .get_by_label("ST SPWF04Sx, 1 limit broken")
        .click();
    w.until_says("Each certificate from the server 2,500 or 2,560. 2.5 KB");
    w.harness.get_by_label("Copy and change").click();
    w.settle();
    let field = "Figure 1: Each certificate from the server";
    w.retype(field, "plenty");
    w.harness.get_by_label("Save profile").click();
    w.until_says(
        "Each certificate from the server: \u{201c}plenty\u{201d} is no figure. Write 2500",
    );
    w.retype(field, "4,000");
    w.harness.get_by_label("Save profile").click();
    w.until_says("ST SPWF04Sx, changed is kept in ");
    w.until_says("ST SPWF04Sx, changed, your own");
    w.until_says("Each certificate from the server 4,000. 4000 instead of 2500 or 2560.");
    w.until_says("stated by you, 20");
    let path = folder.path().join("devices/my-spwf04sx.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("stated by you, ") && text.contains("ST staff"));
    // It can be used at once, and its own figure counts.
    w.harness.get_by_label("Use this device").click();
    w.until("the device", |l| {
        let device = l.source.snapshot().device.clone();
        device.is_some_and(|d| d.id == "my-spwf04sx")
    });
    w.click_tab("Inspect");
    w.until_says("leaf, limit 4,000, value 3,410, fits");
    // Its owner changes it again, under the same id.
    w.click_tab("Devices");
    w.until_says("Change");
    w.harness.get_by_label("Change").click();
    w.settle();
    w.retype(field, "3000 or 3072");
    w.harness.get_by_label("Save profile").click();
    w.until_says("Each certificate from the server 3,000 or 3,072. ");
    // Handed on as a file, and taken in somewhere else.
    w.harness.get_by_label("Save as file").click();
    w.until_says("Path to save the profile to");
    let shared = folder.path().join("shared.toml");
    w.retype("Path to save the profile to", &shared.to_string_lossy());
    w.harness.get_by_label("Save the profile").click();
    w.until_says("ST SPWF04Sx, changed is saved as ");
    let elsewhere = tempfile::tempdir().unwrap();
    let folders = Folders {
        knowledge: Some(elsewhere.path().to_owned()),
        ..Folders::default()
    };
    let mut other = live_in(folders, USUAL, "light", &[]);
    other.settle();
    other.harness.get_by_label("Device profiles").click();
    other.settle();
    other.retype("Profile file to take in", &shared.to_string_lossy());
    other.harness.get_by_label("Take in").click();
    other.until_says("ST SPWF04Sx, changed, your own");
    // Twice is said, a file that is no profile as well.
    other.harness.get_by_label("Take in").click();
    other.until_says("A profile \u{201c}my-spwf04sx\u{201d} of your own is there already.");
    let pem = fixture("small.pem");
    other.retype("Profile file to take in", &pem.to_string_lossy());
    other.harness.get_by_label("Take in").click();
    other.until_says("small.pem is no device profile: ");
}

#[test]
fn the_devices_fit_every_window() {
    for (theme, size) in [
        ("dark", SMALL),
        ("light", vec2(800.0, 600.0)),
        ("light", USUAL),
    ] {
        let mut w = live(size, theme, &["chain.pem", "root.pem"]);
        w.until("inspected", |l| l.source.inspected().is_some());
        let state = &mut w.harness.state_mut().state.certificates;
        state.view = WorkView::Devices;
        state.devices.shown = Some("spwf04sx".into());
        w.until_says("Take in");
        w.inside("Take in", size);
        w.inside("Profile file to take in", size);
        w.harness.check_accessibility();
        w.harness.state_mut().state.certificates.devices.tab = 1;
        w.until_says("Copy and change");
        for name in ["Copy and change", "Use this device", "Save as file"] {
            w.inside(name, size);
        }
        w.harness.check_accessibility();
        w.harness.get_by_label("Copy and change").click();
        w.until_says("Save profile");
        for name in ["Save profile", "Discard", "Id of the profile"] {
            w.inside(name, size);
        }
        w.harness.check_accessibility();
    }
}

#[test]
fn the_name_matrix_and_the_look_of_names() {
    let mut w = live(USUAL, "dark", &["cn-is-ip.pem"]);
    w.until_says("Leaf, ");
    w.click_tab("Names");
    w.until_says("Type the host or address that the device connects to: every stack");
    w.source.dispatch(Command::StateFact {
        name: "host".into(),
        value: "192.0.2.17".into(),
    });
    w.until_says("browsers, mismatch: There is no iPAddress entry in subjectAltName.");
    w.until_says("BearSSL, match: There is no subjectAltName, so the common name \u{201c}192.0.2.17\u{201d} equals the host.");
    w.until_says("Mbed TLS up to 3.4, match");
    w.until_says("OpenSSL, asked for an address, mismatch");
    w.until_says("An address as common name, and no subjectAltName");
    let (_folder, paths) = temp(&[(
        "idn.pem",
        self_signed(&["xn--bcher-kva.example", "xn--80ak6aa92e.com"], 2026, 2030),
    )]);
    let mut w = live(USUAL, "light", &[]);
    w.source.dispatch(Command::OpenPath(paths[0].clone()));
    w.until_says("Leaf, ");
    w.click_tab("Names");
    w.until_says("DNS · xn--bcher-kva.example · bücher.example");
    w.until_says("the label looks like \u{201c}apple\u{201d}");
}

#[test]
fn dates_are_judged_by_a_time_that_is_set_and_by_clocks_of_devices() {
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem"]);
    w.until_says("Leaf, ");
    w.click_tab("Dates");
    w.until_says("never set, from 1970, 1970-01-01 00:00:00 UTC: Leaf not yet, Intermediate not yet, Root not yet");
    w.until_says("last second of signed 32 bit, 2038-01-19 03:14:07 UTC: Leaf expired, Intermediate expired, Root valid");
    assert!(
        w.says("dates in signed 32 bit") && w.says("Root expired"),
        "{:?}",
        w.names()
    );
    w.retype("Time to judge at", "2040-01-01");
    w.harness.get_by_label("Judge at this time").click();
    w.until_says("Judged at 2040-01-01 00:00:00 UTC, as you set it");
    w.until_says("time of judgement, 2040-01-01 00:00:00 UTC: Leaf expired");
    w.harness.get_by_label("Judge by the inputs again").click();
    w.until_says(", now");
}

#[test]
fn names_and_dates_fit_every_window() {
    for (theme, size) in [
        ("dark", SMALL),
        ("light", vec2(800.0, 600.0)),
        ("light", USUAL),
    ] {
        let mut w = live(size, theme, &["chain.pem", "root.pem"]);
        w.source.dispatch(Command::StateFact {
            name: "host".into(),
            value: "a.example.com".into(),
        });
        w.until("inspected", |l| {
            l.source.inspected().is_some_and(|i| !i.names.is_empty())
        });
        w.harness.state_mut().state.certificates.view = WorkView::Names;
        w.until_says("OpenSSL, asked for a host name");
        for name in ["OpenSSL, asked for a host name", "Check this host"] {
            w.inside(name, size);
        }
        w.harness.check_accessibility();
        w.harness.state_mut().state.certificates.view = WorkView::Dates;
        w.until_says("Time to judge at");
        for name in [
            "Time to judge at",
            "Judge at this time",
            "never set, from 1970",
        ] {
            w.inside(name, size);
        }
        w.harness.check_accessibility();
    }
}

#[test]
fn each_variant_that_would_fit_is_built() {
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem"]);
    w.choose("nrf91");
    w.until_says("Fit");
    w.choose("spwf04sx");
    w.until_says("too large: a key on secp256r1 instead of RSA 2048");
    w.until_says("names instead of 66");
}

#[test]
fn without_a_log_the_verdict_is_about_the_certificates() {
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem"]);
    w.until_says("3 certificates read. Choose the device and state the host");
    w.until_next("The Fit panel has the list of devices, the name check takes the host");
    w.choose("spwf04sx");
    w.until_says("The server's leaf has 3,410 bytes; the ST SPWF04Sx takes at most 2,500 or 2,560 for each certificate.");
    w.until_says("Too large");
    w.choose("mbedtls-2.28");
    w.until_says("known limits of the Mbed TLS 2.28, stock configuration.");
    w.until_next("Type the host in the name check");
    w.source.dispatch(Command::StateFact {
        name: "host".into(),
        value: "elsewhere.example.org".into(),
    });
    w.until_says("Mbed TLS up to 3.4 refuses the certificate for elsewhere.example.org");
    w.until_says("Wrong name");
}

#[test]
fn where_stacks_differ_about_the_host_the_verdict_says_so() {
    let mut w = live(USUAL, "light", &["cn-is-ip.pem"]);
    w.source.dispatch(Command::StateFact {
        name: "host".into(),
        value: "192.0.2.17".into(),
    });
    w.until_says("take the certificate for 192.0.2.17 and ");
    w.until_next("Choose the device: its stack decides.");
}

#[test]
fn the_list_of_devices_is_narrowed_by_what_is_typed() {
    let mut w = live(USUAL, "dark", &["chain.pem", "root.pem"]);
    w.click("Device profile: Choose a device");
    w.until_says("ST SPWF01Sx");
    // The open list has the focus: typing narrows it.
    w.harness.get_by_label("Find a device").type_text("spwf04");
    w.until("one is left", |l| {
        l.says("ST SPWF04Sx") && !l.says("ST SPWF01Sx")
    });
    w.harness.key_press(egui::Key::Enter);
    w.until_says("leaf, limit 2,500, value 3,410, +910");
    w.until("the list is closed", |l| !l.says("Find a device"));
    w.click("Device profile: ST SPWF04Sx");
    w.harness.get_by_label("Find a device").type_text("no such");
    w.until_says("No profile holds");
    w.harness.key_press(egui::Key::Escape);
    w.until("the list is closed", |l| !l.says("Find a device"));
}

#[test]
fn a_folder_of_more_certificates_than_a_case_has_is_listed() {
    let pem = std::fs::read(fixture("small.pem")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for i in 0..230 {
        std::fs::write(folder.path().join(format!("unit{i:03}.pem")), &pem).unwrap();
    }
    let mut w = live(USUAL, "dark", &[]);
    w.source
        .dispatch(Command::OpenPath(folder.path().to_owned()));
    w.until("all files", |l| {
        l.source.snapshot().certificates.inputs.len()
            + l.source.snapshot().certificates.trusted_inputs.len()
            == 230
    });
    w.until_says("in 230 files read");
    w.until_says("Files 230");
    w.until_says("unit000.pem, ");
}

#[test]
fn one_of_several_problems_stands_for_all_until_they_are_asked_for() {
    let (_folder, paths) = temp(&[
        ("a.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n".into()),
        ("b.pem", "-----BEGIN CERTIFICATE-----\nMIIC\n".into()),
        ("c.pem", "-----BEGIN CERTIFICATE-----\nMIID\n".into()),
    ]);
    let mut w = live(USUAL, "dark", &[]);
    for path in &paths {
        w.source.dispatch(Command::OpenPath(path.clone()));
    }
    w.until("problems", |l| l.source.snapshot().problems.len() >= 3);
    w.settle();
    let shown = |w: &Live| {
        let root = w.harness.root();
        root.children_recursive()
            .filter(|n| n.accesskit_node().role() == egui::accesskit::Role::Alert)
            .count()
    };
    w.until("one is shown", |l| shown(l) == 1);
    w.click("Other problems");
    w.until("all are shown", |l| shown(l) >= 3);
    w.click("Other problems");
    w.until("one is shown again", |l| shown(l) == 1);
}

#[test]
fn a_curve_above_a_key_is_no_problem() {
    // As `openssl ecparam -genkey` writes it: the named curve, then the key.
    let key = std::fs::read_to_string(fixture("small-sec1.key")).unwrap();
    let curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let (_folder, paths) = temp(&[("both.key", format!("{curve}{key}"))]);
    let mut w = live(USUAL, "dark", &["small.pem"]);
    w.source.dispatch(Command::OpenPath(paths[0].clone()));
    w.until_says("both.key");
    w.until_says("belongs to");
    assert!(w.source.snapshot().problems.is_empty());
}
