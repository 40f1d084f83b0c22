//! What the Certificates place remembers.

/// What stands beside the byte map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The fields, which add up.
    #[default]
    Fields,
    /// The names, one by one.
    Names,
    /// The bytes of the selected brick.
    Hex,
}

/// State of the Certificates place.
#[derive(Debug, Default)]
pub struct CertificatesState {
    /// Tab of small and narrow windows.
    pub tab: usize,
    /// Row of the chain whose bytes are shown.
    pub row: usize,
    /// Selected brick of the byte map.
    pub brick: Option<usize>,
    /// Scroll the names to the selected one next.
    pub scroll_names: bool,
    /// What stands beside the map.
    pub side: Side,
    /// All devices instead of the limits of the chosen one.
    pub all_devices: bool,
    /// Host as typed.
    pub host: String,
    /// Host of the session that the field was last filled with.
    pub host_shown: Option<String>,
}
