//! The few SVG elements that the picture needs.
//!
//! Text comes from the user's file, so all of it is escaped here, in one place. Coordinates are
//! whole pixels: the picture is the same on every machine.

/// Collects elements.
#[derive(Default)]
pub(super) struct Canvas {
    body: String,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) size: u32,
    pub(super) colour: &'static str,
    pub(super) bold: bool,
    pub(super) mono: bool,
    pub(super) anchor: Anchor,
}

/// Which point of a text its coordinates are.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) const INK: &str = "#0f172a";
pub(super) const FAINT: &str = "#64748b";
pub(super) const RULE: &str = "#cbd5e1";

impl Style {
    pub(super) const fn new(size: u32) -> Self {
        Self {
            size,
            colour: INK,
            bold: false,
            mono: false,
            anchor: Anchor::Start,
        }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn mono(self) -> Self {
        Self { mono: true, ..self }
    }

    pub(super) const fn colour(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }

    pub(super) const fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// A box in whole pixels.
#[derive(Clone, Copy)]
pub(super) struct Area {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Canvas {
    /// A filled box with a border.
    pub(super) fn rect(&mut self, area: Area, fill: &str, stroke: &str) {
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        self.body.push_str(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"{fill}\" stroke=\"{stroke}\"/>\n"
        ));
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: (u32, u32), to: (u32, u32)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.body.push_str(&format!(
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"{RULE}\"/>\n"
        ));
    }

    /// A text on one line; `y` is its base line.
    pub(super) fn text(&mut self, x: u32, y: u32, style: Style, text: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let family = if style.mono {
            "monospace"
        } else {
            "sans-serif"
        };
        let weight = if style.bold { "600" } else { "400" };
        let (size, colour) = (style.size, style.colour);
        self.body.push_str(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-family=\"DejaVu Sans, Arial, {family}\" font-size=\"{size}\" font-weight=\"{weight}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{}</text>\n",
            escape(text)
        ));
    }

    /// As [`Canvas::text`], cut with an ellipsis where it would be wider than `width`.
    pub(super) fn text_within(&mut self, x: u32, y: u32, width: u32, style: Style, text: &str) {
        // An average glyph of the fonts named above is 0.6 of their size wide.
        let most =
            usize::try_from(width.saturating_mul(10) / (style.size.max(1).saturating_mul(6)))
                .unwrap_or(0);
        if text.chars().count() <= most {
            self.text(x, y, style, text);
            return;
        }
        let cut: String = text.chars().take(most.saturating_sub(1)).collect();
        self.text(x, y, style, &format!("{cut}\u{2026}"));
    }

    /// The file.
    pub(super) fn finish(self, width: u32, height: u32, title: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<defs><pattern id=\"free\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"8\" height=\"8\" fill=\"#f8fafc\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"8\" stroke=\"#e2e8f0\" stroke-width=\"2\"/></pattern></defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escape(title),
            self.body
        )
    }
}

/// XML's own characters, and what XML cannot hold at all.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_user_are_escaped() {
        assert_eq!(
            escape("a<b & \"c\"\u{1}"),
            "a&lt;b &amp; &quot;c&quot;\u{FFFD}"
        );
    }

    #[test]
    fn long_texts_are_cut() {
        let mut canvas = Canvas::default();
        canvas.text_within(0, 0, 60, Style::new(10), "0123456789");
        canvas.text_within(0, 0, 60, Style::new(10), "0123456789x");
        assert!(
            canvas.body.contains(">0123456789<") && canvas.body.contains(">012345678\u{2026}<")
        );
    }
}
