//! Outline of a payload that is JSON, parsed in steps. It keeps no text.

use feedscope_core::payload::json::{NoOutline, Outline, Reading};

use super::Content;
use crate::job::{Job, JobProgress};

/// Parses the outline of `content` in steps of about a millisecond.
pub fn read_outline(content: Content) -> Job<Result<Outline, NoOutline>> {
    let mut text = TextCheck::default();
    let mut reading = Some(Reading::default());
    Job::in_steps(move |budget, _wanted| {
        let bytes = content.bytes();
        // The bytes must be UTF-8 before they are parsed as JSON.
        match text.advance(bytes, budget) {
            Ok(false) => return JobProgress::Further,
            Ok(true) => {}
            Err(at) => return JobProgress::Done(Err(NoOutline::NotJson { at })),
        }
        let Some(under_way) = &mut reading else {
            return JobProgress::GivenUp;
        };
        match under_way.advance(bytes, budget) {
            Ok(false) => JobProgress::Further,
            Ok(true) => reading.take().map_or(JobProgress::GivenUp, |read| {
                JobProgress::Done(Ok(read.outline()))
            }),
            Err(error) => JobProgress::Done(Err(error)),
        }
    })
}

/// Check in steps that bytes are UTF-8.
#[derive(Default)]
struct TextCheck {
    /// Number of valid bytes so far.
    valid_to: usize,
}

impl TextCheck {
    /// Checks about `most_bytes` more. Returns true if all bytes are valid, or the position of the first invalid byte.
    fn advance(&mut self, bytes: &[u8], most_bytes: usize) -> Result<bool, usize> {
        let start = self.valid_to;
        // A step has room for at least one character.
        let end = start.saturating_add(most_bytes.max(4)).min(bytes.len());
        match std::str::from_utf8(&bytes[start..end]) {
            Ok(_) => self.valid_to = end,
            Err(error) => {
                self.valid_to = start + error.valid_up_to();
                // A character that is divided by the end of the step is checked in the next step.
                if error.error_len().is_some() || end == bytes.len() {
                    return Err(self.valid_to);
                }
            }
        }
        Ok(self.valid_to == bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the outline, parsed in steps of `portion` bytes.
    fn read(bytes: &[u8], portion: usize) -> Result<Outline, NoOutline> {
        let job = read_outline(Content::Made(bytes.into()));
        while let Some(task) = job.task() {
            task.step(portion);
        }
        job.get().unwrap().clone()
    }

    proptest! {
        #[test]
        fn steps_of_any_size_give_the_same_outline(
            bytes in prop_oneof![
                r#"(\{"a":\[1,"é€𝄞",null\]\}|[\[\]{}",:0-9é ]{0,20})"#.prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..20),
            ],
            portion in 1..9_usize,
        ) {
            let content = Content::Made(bytes.as_slice().into());
            prop_assert_eq!(read(&bytes, portion), content.interpretation().outline());
        }
    }

    #[test]
    fn a_large_text_takes_many_steps() {
        let text = format!("[{}0]", "1,".repeat(10_000));
        let job = read_outline(Content::text(text));
        let mut steps = 0;
        while let Some(task) = job.task() {
            task.step(1_000);
            steps += 1;
        }
        assert!((30..60).contains(&steps), "{steps}");
        assert_eq!(job.get().unwrap().as_ref().unwrap().len(), 10_002);
    }
}
