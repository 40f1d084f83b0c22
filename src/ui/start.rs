//! Opening the window: options of the native window, the picture of it, words when it cannot open.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use egui::{ColorImage, Context, IconData, ViewportBuilder};

use super::app::Window;
use super::preferences::Preferences;
use super::source::SessionSource;
use super::trace::FrameTrace;

/// How the window shall open.
#[derive(Debug, Default)]
pub struct StartOptions {
    /// Write a picture of the window here (PPM) and end.
    pub screenshot: Option<PathBuf>,
    /// After this many milliseconds.
    pub after_ms: u64,
    /// Write a frame trace here.
    pub frame_trace: Option<PathBuf>,
    /// Zoom instead of the remembered one.
    pub zoom: Option<f32>,
    /// Width and height in points.
    pub size: Option<(f32, f32)>,
    /// `dark`, `light` or `system` instead of the remembered one.
    pub theme: Option<String>,
}

/// Why the window could not open: one sentence, then the technical chain.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct StartError {
    /// For the person.
    pub sentence: String,
    /// For the details.
    pub details: String,
}

/// Wakes the window; made before it exists, works once it does.
#[derive(Clone, Default)]
pub struct Waker(Arc<std::sync::OnceLock<Context>>);

impl Waker {
    /// Asks for a frame; called from any thread.
    pub fn wake(&self) {
        if let Some(ctx) = self.0.get() {
            ctx.request_repaint();
        }
    }
}

/// Opens the window and returns when it is closed.
///
/// `waker` is bound to the window, so that the source can wake it. `prepare` may change what the
/// window remembers before the first frame.
///
/// # Errors
/// There is no display, or the graphics driver has no OpenGL 2.
pub fn run(
    source: Arc<dyn SessionSource>,
    waker: Waker,
    mut preferences: Preferences,
    options: StartOptions,
    prepare: impl FnOnce(&mut Window) + 'static,
) -> Result<(), StartError> {
    display_there()?;
    if let Some(theme) = &options.theme {
        preferences.theme.clone_from(theme);
    }
    if let Some(zoom) = options.zoom {
        preferences.zoom = zoom.clamp(Preferences::ZOOM.0, Preferences::ZOOM.1);
    }
    let trace = match &options.frame_trace {
        None => None,
        Some(file) => Some(FrameTrace::create(file).map_err(|e| StartError {
            sentence: format!("{} cannot be written.", file.display()),
            details: e.to_string(),
        })?),
    };
    let (width, height) = options.size.unwrap_or((1_280.0, 800.0));
    let native = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Handlens")
            .with_app_id("handlens")
            .with_inner_size([width, height])
            .with_min_inner_size([640.0, 400.0])
            .with_icon(app_icon())
            .with_drag_and_drop(true),
        event_loop_builder: event_loop(),
        #[cfg(windows)]
        renderer: eframe::Renderer::Wgpu,
        ..eframe::NativeOptions::default()
    };
    let shot = options.screenshot;
    let after = std::time::Duration::from_millis(options.after_ms);
    eframe::run_native(
        "Handlens",
        native,
        Box::new(move |cc| {
            // Set once: `run` is called once a process.
            let _ = waker.0.set(cc.egui_ctx.clone());
            let mut window = Window::new(source, preferences).with_trace(trace);
            window.set_up(&cc.egui_ctx);
            prepare(&mut window);
            if let Some(file) = shot {
                picture(&cc.egui_ctx, file, after);
            }
            Ok(Box::new(window))
        }),
    )
    .map_err(|e| StartError {
        sentence: "The window cannot open: the display or its OpenGL driver refused. \
                   handlens-cli does the same work without a window."
            .into(),
        details: e.to_string(),
    })
}

/// On Unix a window needs a display; winit would say so less kindly.
fn display_there() -> Result<(), StartError> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let unix = cfg!(all(unix, not(target_os = "macos")));
    if unix && !set("DISPLAY") && !(cfg!(feature = "wayland") && set("WAYLAND_DISPLAY")) {
        return Err(StartError {
            sentence: "There is no display to open a window on (DISPLAY is not set). handlens-cli \
                       does the same work without a window."
                .into(),
            details: "DISPLAY is not set".into(),
        });
    }
    Ok(())
}

/// X11 first on Linux: there dropped files arrive.
#[cfg_attr(
    all(target_os = "linux", not(feature = "wayland")),
    expect(clippy::unnecessary_wraps, reason = "other systems have none")
)]
fn event_loop() -> Option<eframe::EventLoopBuilderHook> {
    #[cfg(all(target_os = "linux", not(feature = "wayland")))]
    {
        Some(Box::new(|builder| {
            use winit::platform::x11::EventLoopBuilderExtX11 as _;
            builder.with_x11();
        }))
    }
    #[cfg(not(all(target_os = "linux", not(feature = "wayland"))))]
    {
        None
    }
}

/// Takes a picture after a while, writes it and closes the window.
fn picture(ctx: &Context, file: PathBuf, after: std::time::Duration) {
    let ctx = ctx.clone();
    std::thread::spawn(move || {
        std::thread::sleep(after);
        let (send, receive) = mpsc::channel();
        let root = egui::ViewportId::ROOT;
        let shot = egui::ScreenshotCallback::new(move |image: Arc<ColorImage>| {
            // The receiver waits below for as long as the window lives.
            let _ = send.send(image);
        });
        ctx.send_viewport_cmd_to(root, egui::ViewportCommand::Screenshot(shot));
        ctx.request_repaint();
        if let Ok(image) = receive.recv()
            && let Err(e) = write_ppm(&file, &image)
        {
            eprintln!("{} cannot be written: {e}", file.display());
        }
        ctx.send_viewport_cmd_to(root, egui::ViewportCommand::Close);
        ctx.request_repaint();
    });
}

/// Binary PPM: a header and three bytes a pixel.
fn write_ppm(file: &std::path::Path, image: &ColorImage) -> std::io::Result<()> {
    let [w, h] = image.size;
    let mut out = format!("P6\n{w} {h}\n255\n").into_bytes();
    out.reserve(w * h * 3);
    for pixel in &image.pixels {
        out.extend_from_slice(&[pixel.r(), pixel.g(), pixel.b()]);
    }
    std::fs::write(file, out)
}

/// The logo as the icon of the window, 64 × 64: two lifelines, two steps, the stop.
fn app_icon() -> IconData {
    use super::theme::{Palette, Role};
    const SIZE: usize = 64;
    let p = Palette::of(egui::Theme::Dark);
    let bars = [
        // Left, top, right, bottom in 64ths.
        (0, 0, 64, 64, Role::Bg1),
        (14, 6, 19, 58, Role::Device),
        (45, 6, 50, 58, Role::Server),
        (19, 17, 42, 22, Role::Text),
        (22, 31, 45, 36, Role::Text),
        (19, 46, 28, 51, Role::Fail),
        (31, 43, 41, 53, Role::Fail),
    ];
    let mut rgba = vec![0; SIZE * SIZE * 4];
    for (left, top, right, bottom, role) in bars {
        let c = p.get(role);
        for y in top..bottom {
            for x in left..right {
                let at = (y * SIZE + x) * 4;
                rgba[at..at + 4].copy_from_slice(&[c.r(), c.g(), c.b(), 255]);
            }
        }
    }
    IconData {
        rgba,
        width: 64,
        height: 64,
    }
}
