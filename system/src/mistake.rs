//! What is wrong with a description, and how a person is told.
//!
//! Every [`Mistake`] has a stable [`Code`], at least one place in a file, and a cure. A conflict
//! between two places labels both. [`Refused`] is all that one run found.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

use crate::code::Code;
use crate::schema::recorder::Recorder;
use crate::source::{FileId, Place, Sources};

/// A place, and what to say about it.
#[derive(Clone, Debug)]
struct Label {
    place: Place,
    text: String,
}

/// One mistake, while files are still known by index.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    code: Code,
    message: String,
    labels: Vec<Label>,
    help: String,
}

impl Draft {
    /// A mistake at `place`, which is labelled `label`.
    pub(crate) fn new(
        code: Code,
        message: impl Into<String>,
        place: Place,
        label: impl Into<String>,
    ) -> Self {
        let label = Label {
            place,
            text: label.into(),
        };
        Self {
            code,
            message: message.into(),
            labels: vec![label],
            help: String::new(),
        }
    }

    /// The other end of the conflict.
    pub(crate) fn and(mut self, place: Place, label: impl Into<String>) -> Self {
        self.labels.push(Label {
            place,
            text: label.into(),
        });
        self
    }

    /// What to change.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Collects mistakes in the order in which they are found.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    drafts: Vec<Draft>,
    recorder: Option<Recorder>,
}

impl Mistakes {
    /// Also writes down what is asked for.
    pub(crate) fn recording() -> Self {
        Self {
            recorder: Some(Recorder::default()),
            ..Self::default()
        }
    }

    /// Tells the recorder, if there is one.
    pub(crate) fn record(&mut self, tell: impl FnOnce(&mut Recorder)) {
        self.recorder.as_mut().map(tell).unwrap_or_default();
    }

    pub(crate) fn into_recorder(self) -> Recorder {
        self.recorder.unwrap_or_default()
    }

    pub(crate) fn push(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.drafts.append(&mut others.drafts);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// Resolves places, and sorts by them: a reader goes through the file once.
    pub(crate) fn into_refused(self, sources: &Sources) -> Refused {
        let mut drafts = self.drafts;
        drafts.sort_by_key(|draft| draft.labels.first().map(|l| (l.place.file, l.place.start)));
        Refused {
            mistakes: drafts
                .into_iter()
                .map(|draft| Mistake::resolve(draft, sources))
                .collect(),
        }
    }
}

/// One mistake in a description.
#[derive(Debug)]
pub struct Mistake {
    code: Code,
    message: String,
    help: String,
    here: Excerpt,
    /// Ends of the conflict that lie in other files.
    elsewhere: Vec<Excerpt>,
}

/// The labels that lie in one file.
#[derive(Debug)]
struct Excerpt {
    source: NamedSource<Arc<String>>,
    path: PathBuf,
    labels: Vec<LabeledSpan>,
}

/// A place that a mistake shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub path: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// What is said about it.
    pub label: String,
}

impl Mistake {
    fn resolve(draft: Draft, sources: &Sources) -> Self {
        let mut excerpts: Vec<(_, Excerpt)> = Vec::new();
        for label in draft.labels {
            let file = label.place.file;
            let span = (label.place.start, label.place.len);
            // The header of a snippet names the line and column of its primary label.
            let span = if excerpts.iter().any(|(id, _)| *id == file) {
                LabeledSpan::new_with_span(Some(label.text), span)
            } else {
                LabeledSpan::new_primary_with_span(Some(label.text), span)
            };
            match excerpts.iter_mut().find(|(id, _)| *id == file) {
                Some((_, excerpt)) => excerpt.labels.push(span),
                None => excerpts.push((file, Excerpt::new(sources, file, span))),
            }
        }
        let mut excerpts = excerpts.into_iter().map(|(_, excerpt)| excerpt);
        Self {
            code: draft.code,
            message: draft.message,
            help: draft.help,
            here: excerpts.next().unwrap_or_else(Excerpt::nowhere),
            elsewhere: excerpts.collect(),
        }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What is wrong, in a sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to change.
    pub fn cure(&self) -> &str {
        &self.help
    }

    /// Where it is: the first place, then the other ends of a conflict, which may be in other files.
    pub fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        [&self.here]
            .into_iter()
            .chain(&self.elsewhere)
            .flat_map(Excerpt::spots)
    }
}

impl Excerpt {
    fn new(sources: &Sources, file: FileId, first: LabeledSpan) -> Self {
        let path = sources.path(file);
        let name = path.display().to_string();
        Self {
            source: NamedSource::new(name, sources.shared_text(file)).with_language("yaml"),
            path: path.to_owned(),
            labels: vec![first],
        }
    }

    fn nowhere() -> Self {
        Self {
            source: NamedSource::new("", Arc::default()),
            path: PathBuf::new(),
            labels: Vec::new(),
        }
    }

    fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        self.labels.iter().map(|label| {
            let before = self
                .source
                .inner()
                .get(..label.offset())
                .unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let column = before.get(line_start..).unwrap_or_default().chars().count();
            Spot {
                path: self.path.clone(),
                line: before.matches('\n').count() + 1,
                column: column + 1,
                label: label.label().unwrap_or_default().to_owned(),
            }
        })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.here.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.here.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let others = self.elsewhere.iter().map(|e| e as &dyn Diagnostic);
        (!self.elsewhere.is_empty()).then(|| Box::new(others) as Box<dyn Iterator<Item = _>>)
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the other end of the conflict")
    }
}

impl std::error::Error for Excerpt {}

impl Diagnostic for Excerpt {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// The description was refused: all mistakes that one run found.
#[derive(Debug)]
pub struct Refused {
    mistakes: Vec<Mistake>,
}

impl Refused {
    /// The mistakes, by place. Never empty.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// The whole report for a person; with colours for a terminal, else plain Unicode.
    pub fn render(&self, colour: bool) -> String {
        let theme = if colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .with_links(false);
        let mut text = String::new();
        for mistake in &self.mistakes {
            // Writing to a String cannot fail; a snippet that cannot be shown leaves the message.
            if handler.render_report(&mut text, mistake).is_err() {
                text.push_str(&mistake.message);
            }
            text.push('\n');
        }
        text.push_str(&format!("{self}\n"));
        text
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mistakes.len() {
            1 => f.write_str("1 mistake; nothing was built"),
            n => write!(f, "{n} mistakes; nothing was built"),
        }
    }
}

impl std::error::Error for Refused {}
