//! Opening a port, and one sentence with the remedy where that fails.

use std::io::ErrorKind as Io;
use std::path::Path;
use std::time::Duration;

use serialport::{ErrorKind, SerialPort};

use super::ports::list_ports;
use super::settings::{FlowControl, Parity, PortSettings};

/// A read returns after this time even if nothing came: the thread then looks at its commands.
pub(super) const READ_TIMEOUT: Duration = Duration::from_millis(50);

/// Why a port could not be opened. The text is the sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no such port.
    #[error("There is no port {port}. {}", ports_now(.found))]
    Missing {
        /// The port.
        port: String,
        /// Ports that there are.
        found: Vec<String>,
    },
    /// The person may not open it.
    #[error("No permission to open {port}. {}", permission_remedy(.group.as_deref()))]
    Forbidden {
        /// The port.
        port: String,
        /// The group that may, where the system tells.
        group: Option<String>,
    },
    /// Someone else has it.
    #[error("{port} is in use by {}. Close it, then try again.", holder.as_deref().unwrap_or("another program"))]
    Busy {
        /// The port.
        port: String,
        /// Who has it, such as `minicom (process 1234)`, where the system tells.
        holder: Option<String>,
    },
    /// This is a file, a folder, or another thing that is not a terminal.
    #[error("{port} is not a serial port. If it is a log, open it as a file.")]
    NotAPort {
        /// The path.
        port: String,
    },
    /// The driver refuses the speed or the frame.
    #[error(
        "{port} cannot be set to {line}. Choose a speed and a frame that the adapter can make."
    )]
    Settings {
        /// The port.
        port: String,
        /// The settings.
        line: String,
    },
    /// Anything else.
    #[error(
        "{port} could not be opened: {reason}. Unplug the adapter, plug it in again, then try again."
    )]
    Other {
        /// The port.
        port: String,
        /// What the system says.
        reason: String,
    },
}

fn ports_now(found: &[String]) -> String {
    match found {
        [] => "No serial port was found at all. Plug the adapter in, then try again.".into(),
        [one] => format!("The only port now is {one}. Plug the adapter in, or choose that one."),
        many => format!(
            "Ports now: {}. Plug the adapter in, or choose one of these.",
            many.join(", ")
        ),
    }
}

fn permission_remedy(group: Option<&str>) -> String {
    match group {
        Some("root") | None => "Ask the administrator of this computer for access to it.".into(),
        Some(group) => format!(
            "Add yourself to the group {group} (sudo usermod -aG {group} $USER), then log in again."
        ),
    }
}

/// Opens a port for this program alone, DTR and RTS untouched as far as the system allows.
pub(super) fn open_port(
    settings: &PortSettings,
) -> Result<Box<dyn SerialPort>, (OpenError, String)> {
    let line = settings.line;
    serialport::new(settings.path.as_str(), line.baud)
        .data_bits(match line.data_bits {
            5 => serialport::DataBits::Five,
            6 => serialport::DataBits::Six,
            7 => serialport::DataBits::Seven,
            _ => serialport::DataBits::Eight,
        })
        .parity(match line.parity {
            Parity::None => serialport::Parity::None,
            Parity::Even => serialport::Parity::Even,
            Parity::Odd => serialport::Parity::Odd,
        })
        .stop_bits(if line.stop_bits == 2 {
            serialport::StopBits::Two
        } else {
            serialport::StopBits::One
        })
        .flow_control(match line.flow {
            FlowControl::None => serialport::FlowControl::None,
            FlowControl::Software => serialport::FlowControl::Software,
            FlowControl::Hardware => serialport::FlowControl::Hardware,
        })
        .timeout(READ_TIMEOUT)
        .preserve_dtr_on_open()
        .open()
        .map_err(|e| (explain(&e, settings), e.to_string()))
}

/// What opening may have done to the control lines; `None` where there are none (a
/// pseudo-terminal, a network bridge).
pub(super) fn caution(port: &mut dyn SerialPort) -> Option<String> {
    // Asking moves nothing, and fails where there are no lines.
    port.read_clear_to_send().ok()?;
    Some(
        if cfg!(windows) {
            // The settings that serialport writes switch DTR off (`DTR_CONTROL_DISABLE`).
            "DTR is off since the port was opened. If nothing arrives, switch DTR on: some USB devices send only then."
        } else {
            // The terminal layer raises both on open; no program can prevent it.
            "This system raises DTR and RTS when a port is opened: a board that wires them to reset may have restarted."
        }
        .into(),
    )
}

fn explain(error: &serialport::Error, settings: &PortSettings) -> OpenError {
    let port = settings.path.clone();
    let found = || list_ports().into_iter().map(|p| p.path).collect::<Vec<_>>();
    match error.kind() {
        ErrorKind::Io(Io::NotFound) => OpenError::Missing {
            found: found(),
            port,
        },
        ErrorKind::Io(Io::PermissionDenied) => OpenError::Forbidden {
            group: owner_group(Path::new(&port)),
            port,
        },
        // Unix: the lock is held. Windows: missing and busy are one kind.
        ErrorKind::NoDevice => {
            let listed = found();
            if cfg!(windows) && !listed.iter().any(|p| p.eq_ignore_ascii_case(&port)) {
                OpenError::Missing {
                    found: listed,
                    port,
                }
            } else {
                OpenError::Busy {
                    holder: holder(Path::new(&port)),
                    port,
                }
            }
        }
        _ if Path::new(&port)
            .metadata()
            .is_ok_and(|m| m.is_file() || m.is_dir()) =>
        {
            OpenError::NotAPort { port }
        }
        // ENOTTY: another kind of device, such as /dev/null.
        ErrorKind::Unknown
            if error.description.contains("typewriter")
                || error.description.contains("ioctl for device") =>
        {
            OpenError::NotAPort { port }
        }
        ErrorKind::InvalidInput => OpenError::Settings {
            port,
            line: settings.line.to_string(),
        },
        ErrorKind::Unknown
            if error.description.starts_with("Invalid argument")
                || error.description.contains("did not apply") =>
        {
            OpenError::Settings {
                port,
                line: settings.line.to_string(),
            }
        }
        _ => OpenError::Other {
            port,
            reason: error.description.trim_end_matches('.').to_owned(),
        },
    }
}

/// The group that owns the device file, by name: `dialout` on Debian, `uucp` on Arch.
#[cfg(unix)]
fn owner_group(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let id = path.metadata().ok()?.gid().to_string();
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn owner_group(_path: &Path) -> Option<String> {
    None
}

/// Who holds the device file open, as far as this user may see.
#[cfg(target_os = "linux")]
fn holder(path: &Path) -> Option<String> {
    let device = path.canonicalize().ok()?;
    let me = std::process::id();
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = process
            .file_name()
            .to_str()
            .and_then(|n| n.parse::<u32>().ok())
        else {
            continue;
        };
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let holds = files
            .flatten()
            .any(|f| std::fs::read_link(f.path()).is_ok_and(|target| target == device));
        if holds && id == me {
            return Some("this program".into());
        }
        if holds {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (process {id})", name.trim()));
        }
    }
    None
}

#[cfg(not(target_os = "linux"))]
fn holder(_path: &Path) -> Option<String> {
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{OpenError, explain};
    use crate::transport::serial::settings::{LineSettings, PortSettings};
    use serialport::{Error, ErrorKind};

    fn said(kind: ErrorKind, text: &str, path: &str) -> OpenError {
        explain(
            &Error::new(kind, text),
            &PortSettings::new(path, LineSettings::default()),
        )
    }

    #[test]
    fn every_failure_names_the_remedy() {
        let forbidden = OpenError::Forbidden {
            port: "/dev/ttyUSB0".into(),
            group: Some("dialout".into()),
        };
        assert_eq!(
            forbidden.to_string(),
            "No permission to open /dev/ttyUSB0. Add yourself to the group dialout (sudo usermod -aG dialout $USER), then log in again."
        );
        let busy = OpenError::Busy {
            port: "COM4".into(),
            holder: None,
        };
        assert_eq!(
            busy.to_string(),
            "COM4 is in use by another program. Close it, then try again."
        );
        let missing = OpenError::Missing {
            port: "COM4".into(),
            found: vec!["COM1".into(), "COM7".into()],
        };
        assert_eq!(
            missing.to_string(),
            "There is no port COM4. Ports now: COM1, COM7. Plug the adapter in, or choose one of these."
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_group_is_that_of_the_device_file() {
        let error = said(
            ErrorKind::Io(std::io::ErrorKind::PermissionDenied),
            "Permission denied",
            "/dev/tty",
        );
        let OpenError::Forbidden { group, .. } = error else {
            panic!("{error:?}")
        };
        // root or tty, as the system has it; but it was looked up.
        assert!(group.is_some());
    }

    #[test]
    fn refused_settings_are_named() {
        let error = said(ErrorKind::InvalidInput, "", "/dev/does-not-exist");
        assert!(error.to_string().contains("115200 8N1"), "{error}");
        let error = said(
            ErrorKind::Unknown,
            "Invalid argument",
            "/dev/does-not-exist",
        );
        assert!(matches!(error, OpenError::Settings { .. }), "{error:?}");
    }
}
