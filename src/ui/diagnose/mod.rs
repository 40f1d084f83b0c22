//! Diagnose.
use egui::{Rect, Ui};
use super::view::View;
/// tmp
pub fn diagnose(_ui: &mut Ui, _rect: Rect, _view: &mut View<'_>) {}
