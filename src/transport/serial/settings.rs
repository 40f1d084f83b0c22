//! Line settings of a port, as people write them: `115200 8N1`.

use std::fmt;
use std::str::FromStr;

/// Parity bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Parity {
    /// No parity bit (N).
    #[default]
    None,
    /// Even (E).
    Even,
    /// Odd (O).
    Odd,
}

/// Flow control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum FlowControl {
    /// None.
    #[default]
    None,
    /// XON/XOFF characters: 0x11 and 0x13 never arrive as data.
    Software,
    /// RTS/CTS wires: the system moves RTS by itself.
    Hardware,
}

/// Speed and frame of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineSettings {
    /// Bits per second, any number that the adapter can make; never 0.
    pub baud: u32,
    /// Data bits, 5 to 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop_bits: u8,
    /// Flow control.
    pub flow: FlowControl,
}

impl Default for LineSettings {
    /// `115200 8N1`, no flow control.
    fn default() -> Self {
        Self {
            baud: 115_200,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: 1,
            flow: FlowControl::None,
        }
    }
}

/// A text is not a line setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineSettingsError {
    /// No speed at the start, or one that is not a number from 1 to 4,294,967,295.
    #[error("“{0}” is not a speed. Write bits per second, such as 115200.")]
    Baud(String),
    /// Not like `8N1`.
    #[error(
        "“{0}” is not a frame. Write data bits (5 to 8), parity (N, E or O) and stop bits (1 or 2), such as 8N1."
    )]
    Frame(String),
    /// Not a flow control.
    #[error("“{0}” is not a flow control. Write none, rtscts or xonxoff.")]
    Flow(String),
}

impl fmt::Display for LineSettings {
    /// `115200 8N1`, `9600 7E2 rtscts`: what [`FromStr`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        write!(
            f,
            "{} {}{parity}{}",
            self.baud, self.data_bits, self.stop_bits
        )?;
        match self.flow {
            FlowControl::None => Ok(()),
            FlowControl::Software => f.write_str(" xonxoff"),
            FlowControl::Hardware => f.write_str(" rtscts"),
        }
    }
}

impl FromStr for LineSettings {
    type Err = LineSettingsError;

    /// Reads `115200`, `115,200 8N1`, `9600,7,E,1`, `9600/8-N-1 rtscts`; what is missing stays at
    /// the default.
    ///
    /// # Errors
    /// The part that could not be read.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut settings = Self::default();
        let text = text.trim();
        let (speed, rest) = split_speed(text);
        settings.baud = speed
            .parse()
            .ok()
            .filter(|b| *b > 0)
            .ok_or_else(|| LineSettingsError::Baud(text.into()))?;
        let mut frame = String::new();
        let rest = rest
            .to_ascii_lowercase()
            .replace("rts/cts", "rtscts")
            .replace("xon/xoff", "xonxoff");
        for word in rest.split([' ', ',', '/', ';', ':', '\t']) {
            match word {
                "" => {}
                "none" | "noflow" => settings.flow = FlowControl::None,
                "rtscts" | "hardware" | "hw" => settings.flow = FlowControl::Hardware,
                "xonxoff" | "software" | "sw" => settings.flow = FlowControl::Software,
                word if word.len() > 3 && word.chars().all(char::is_alphabetic) => {
                    return Err(LineSettingsError::Flow(word.into()));
                }
                word => frame.push_str(&word.replace('-', "")),
            }
        }
        if !frame.is_empty() {
            settings.read_frame(&frame)?;
        }
        Ok(settings)
    }
}

impl LineSettings {
    fn read_frame(&mut self, frame: &str) -> Result<(), LineSettingsError> {
        let bad = || LineSettingsError::Frame(frame.to_uppercase());
        let &[data, parity, stop] = frame.as_bytes() else {
            return Err(bad());
        };
        self.data_bits = match data {
            b'5'..=b'8' => data - b'0',
            _ => return Err(bad()),
        };
        self.parity = match parity.to_ascii_lowercase() {
            b'n' => Parity::None,
            b'e' => Parity::Even,
            b'o' => Parity::Odd,
            _ => return Err(bad()),
        };
        self.stop_bits = match stop {
            b'1' | b'2' => stop - b'0',
            _ => return Err(bad()),
        };
        Ok(())
    }
}

/// Cuts the speed off, without its thousands separators (`115,200` but not `9600,7,E,1`).
fn split_speed(text: &str) -> (String, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != ',' && c != '_' && c != '\'')
        .unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    let mut parts = run.split([',', '_', '\'']);
    let mut speed = parts.next().unwrap_or_default().to_owned();
    let mut used = speed.len();
    for part in parts {
        if part.len() != 3 {
            break;
        }
        speed.push_str(part);
        used += 1 + part.len();
    }
    if used == run.len() {
        (speed, rest)
    } else {
        let tail = text.get(used..).unwrap_or_default();
        (speed, tail)
    }
}

/// A port and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSettings {
    /// `/dev/ttyUSB0`, `COM4`, or any path of a terminal, also one that no list shows.
    pub path: String,
    /// The line.
    pub line: LineSettings,
    /// Wait for the port when it goes away and open it again (also under another name, if the
    /// USB serial number is the same). A pseudo-terminal named by its number (`/dev/pts/3`) is
    /// never waited for: the number goes to another program.
    pub reconnect: bool,
}

impl PortSettings {
    /// This port with these settings, reconnecting by itself.
    #[must_use]
    pub fn new(path: &str, line: LineSettings) -> Self {
        Self {
            path: path.into(),
            line,
            reconnect: true,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{FlowControl, LineSettings, LineSettingsError, Parity};

    #[test]
    fn every_setting_survives_writing_and_reading() {
        for baud in [1, 300, 9600, 74_880, 115_200, 250_000, 3_000_000, u32::MAX] {
            for data_bits in 5..=8 {
                for parity in [Parity::None, Parity::Even, Parity::Odd] {
                    for stop_bits in 1..=2 {
                        for flow in [
                            FlowControl::None,
                            FlowControl::Software,
                            FlowControl::Hardware,
                        ] {
                            let line = LineSettings {
                                baud,
                                data_bits,
                                parity,
                                stop_bits,
                                flow,
                            };
                            assert_eq!(line.to_string().parse(), Ok(line), "{line}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn as_people_write_it() {
        let seven_even = LineSettings {
            baud: 9600,
            data_bits: 7,
            parity: Parity::Even,
            stop_bits: 1,
            flow: FlowControl::None,
        };
        for text in [
            "9600 7E1",
            " 9600,7,E,1 ",
            "9,600 7-e-1",
            "9600/7E1",
            "9600 7 e 1 none",
        ] {
            assert_eq!(text.parse(), Ok(seven_even), "{text}");
        }
        let plain = LineSettings::default();
        for text in ["115200", "115,200", "115_200 8n1", "115'200"] {
            assert_eq!(text.parse(), Ok(plain), "{text}");
        }
        for text in ["115200 rtscts", "115200 8N1 RTS/CTS", "115200 hardware"] {
            let line: LineSettings = text.parse().unwrap();
            assert_eq!(line.flow, FlowControl::Hardware, "{text}");
        }
        assert_eq!("1,000,000".parse::<LineSettings>().unwrap().baud, 1_000_000);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let read = |t: &str| t.parse::<LineSettings>().unwrap_err();
        assert!(matches!(read(""), LineSettingsError::Baud(_)));
        assert!(matches!(read("fast"), LineSettingsError::Baud(_)));
        assert!(matches!(read("0 8N1"), LineSettingsError::Baud(_)));
        assert!(matches!(read("99999999999"), LineSettingsError::Baud(_)));
        assert!(matches!(read("9600 9N1"), LineSettingsError::Frame(_)));
        assert!(matches!(read("9600 8X1"), LineSettingsError::Frame(_)));
        assert!(matches!(read("9600 8N3"), LineSettingsError::Frame(_)));
        assert!(matches!(read("9600 8N1N"), LineSettingsError::Frame(_)));
        assert!(matches!(
            read("9600 8N1 sometimes"),
            LineSettingsError::Flow(_)
        ));
    }
}
