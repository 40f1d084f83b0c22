//! The serial ports of this computer, with the names that USB gives them.

use serialport::SerialPortType;

/// What USB says of an adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsbInfo {
    /// Vendor number.
    pub vendor_id: u16,
    /// Product number.
    pub product_id: u16,
    /// Manufacturer's name.
    pub manufacturer: Option<String>,
    /// Product's name.
    pub product: Option<String>,
    /// Serial number of the adapter.
    pub serial_number: Option<String>,
    /// Interface number: tells the ports of a multi-port adapter apart. Linux only.
    pub interface: Option<u8>,
}

impl UsbInfo {
    /// Whether this is the same port of the same adapter, perhaps under another device name.
    /// Without a serial number nothing can be said: two adapters of a kind look alike.
    #[must_use]
    pub fn is_same_port(&self, other: &Self) -> bool {
        self.serial_number.as_deref().is_some_and(|s| !s.is_empty())
            && self.serial_number == other.serial_number
            && self.vendor_id == other.vendor_id
            && self.product_id == other.product_id
            && self.interface == other.interface
    }
}

/// One port of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortInfo {
    /// Name to open: `/dev/ttyUSB0`, `COM4`.
    pub path: String,
    /// What USB says, for USB adapters.
    pub usb: Option<UsbInfo>,
    /// For the list: `CP2102N USB to UART Bridge Controller · Silicon Labs · serial 0001`.
    pub description: String,
}

/// Lists the ports, USB adapters first, then by name with numbers in their order.
///
/// Pseudo-terminals and network bridges are in no list of the system: their path can be typed.
/// An empty list and a list that the system refused are the same to the person, so no error.
#[must_use]
pub fn list_ports() -> Vec<PortInfo> {
    // serialport panics where this folder is missing (some containers).
    #[cfg(target_os = "linux")]
    if !std::path::Path::new("/sys/class/tty").is_dir() {
        return Vec::new();
    }
    let mut ports: Vec<PortInfo> = serialport::available_ports()
        .unwrap_or_default()
        .into_iter()
        .map(describe)
        .collect();
    // macOS lists each port twice; opening the `tty.` one waits for the carrier.
    if cfg!(target_os = "macos") {
        ports.retain(|p| !p.path.starts_with("/dev/tty."));
    }
    ports.sort_by_cached_key(|p| (p.usb.is_none(), natural_key(&p.path)));
    ports
}

fn describe(port: serialport::SerialPortInfo) -> PortInfo {
    let (usb, description) = match port.port_type {
        SerialPortType::UsbPort(usb) => {
            let usb = UsbInfo {
                vendor_id: usb.vid,
                product_id: usb.pid,
                manufacturer: usb.manufacturer,
                product: usb.product,
                serial_number: usb.serial_number,
                interface: interface_number(&port.port_name),
            };
            let description = describe_usb(&usb);
            (Some(usb), description)
        }
        SerialPortType::PciPort => (None, "PCI serial port".into()),
        SerialPortType::BluetoothPort => (None, "Bluetooth serial port".into()),
        SerialPortType::Unknown => (None, "built-in serial port".into()),
    };
    PortInfo {
        path: port.port_name,
        usb,
        description,
    }
}

fn describe_usb(usb: &UsbInfo) -> String {
    let mut parts = vec![
        usb.product
            .clone()
            .unwrap_or_else(|| format!("USB device {:04x}:{:04x}", usb.vendor_id, usb.product_id)),
    ];
    parts.extend(usb.manufacturer.clone());
    parts.extend(usb.serial_number.as_ref().map(|s| format!("serial {s}")));
    parts.extend(usb.interface.map(|n| format!("port {}", u32::from(n) + 1)));
    parts.retain(|p| !p.is_empty());
    parts.join(" · ")
}

#[cfg(target_os = "linux")]
fn interface_number(path: &str) -> Option<u8> {
    sysfs_interface(std::path::Path::new("/sys/class/tty"), path)
}

#[cfg(not(target_os = "linux"))]
fn interface_number(_path: &str) -> Option<u8> {
    None
}

/// Walks up from the terminal's device to the USB interface, which knows its number. None where
/// the device has a single interface: then there is nothing to tell apart.
#[cfg(target_os = "linux")]
fn sysfs_interface(class: &std::path::Path, path: &str) -> Option<u8> {
    let name = std::path::Path::new(path).file_name()?;
    let device = class.join(name).join("device").canonicalize().ok()?;
    let interface = device
        .ancestors()
        .take(3)
        .find(|d| d.join("bInterfaceNumber").is_file())?;
    let usb_device = interface.parent()?;
    let read = |folder: &std::path::Path, file: &str| {
        std::fs::read_to_string(folder.join(file))
            .ok()
            .map(|s| s.trim().to_owned())
    };
    if read(usb_device, "bNumInterfaces").is_some_and(|n| n == "1") {
        return None;
    }
    u8::from_str_radix(&read(interface, "bInterfaceNumber")?, 16).ok()
}

/// `ttyUSB10` after `ttyUSB9`.
fn natural_key(path: &str) -> (String, u64) {
    let digits = path.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = path.get(digits.len()..).unwrap_or_default();
    (digits.to_lowercase(), number.parse().unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{UsbInfo, describe_usb, list_ports, natural_key};

    fn adapter() -> UsbInfo {
        UsbInfo {
            vendor_id: 0x10c4,
            product_id: 0xea60,
            manufacturer: Some("Silicon Labs".into()),
            product: Some("CP2102N USB to UART Bridge Controller".into()),
            serial_number: Some("0001".into()),
            interface: None,
        }
    }

    #[test]
    fn listing_never_fails() {
        for port in list_ports() {
            assert!(!port.path.is_empty() && !port.description.is_empty());
        }
    }

    #[test]
    fn names() {
        assert_eq!(
            describe_usb(&adapter()),
            "CP2102N USB to UART Bridge Controller · Silicon Labs · serial 0001"
        );
        let bare = UsbInfo {
            vendor_id: 0x1a86,
            product_id: 0x7523,
            interface: Some(2),
            ..UsbInfo::default()
        };
        assert_eq!(describe_usb(&bare), "USB device 1a86:7523 · port 3");
    }

    #[test]
    fn ten_comes_after_nine() {
        let mut names = ["/dev/ttyUSB10", "/dev/ttyUSB9", "/dev/ttyACM0"];
        names.sort_by_key(|n| natural_key(n));
        assert_eq!(names, ["/dev/ttyACM0", "/dev/ttyUSB9", "/dev/ttyUSB10"]);
    }

    #[test]
    fn the_same_adapter_is_known_by_its_serial_number() {
        let here = adapter();
        assert!(here.is_same_port(&adapter()));
        let without = UsbInfo {
            serial_number: None,
            ..adapter()
        };
        assert!(!without.is_same_port(&without));
        let second_port = UsbInfo {
            interface: Some(1),
            ..adapter()
        };
        assert!(!here.is_same_port(&second_port));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn interface_number_from_the_device_tree_of_the_kernel() {
        use std::fs;
        let root = tempfile::tempdir().unwrap();
        let interface = root.path().join("devices/1-2/1-2:1.1");
        let tty = interface.join("ttyUSB3");
        fs::create_dir_all(&tty).unwrap();
        fs::write(interface.join("bInterfaceNumber"), "01\n").unwrap();
        fs::write(root.path().join("devices/1-2/bNumInterfaces"), " 4\n").unwrap();
        let class = root.path().join("class");
        fs::create_dir_all(class.join("ttyUSB3")).unwrap();
        std::os::unix::fs::symlink(&tty, class.join("ttyUSB3/device")).unwrap();
        assert_eq!(super::sysfs_interface(&class, "/dev/ttyUSB3"), Some(1));
        fs::write(root.path().join("devices/1-2/bNumInterfaces"), " 1\n").unwrap();
        assert_eq!(super::sysfs_interface(&class, "/dev/ttyUSB3"), None);
        assert_eq!(super::sysfs_interface(&class, "/dev/ttyUSB4"), None);
    }
}
