//! Work with one result, as an analysis. A view begins the work and reads the result when it is available. The work
//! ends early if the job is dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::analysis::{Analysis, Cadence, Effort, News, StepResult, Task};

/// Result that is available now or later. Dropping the job cancels its work.
pub struct Job<T> {
    shared: Arc<SharedJob<T>>,
}

struct SharedJob<T> {
    result: OnceLock<T>,
    /// Rest of the work; `None` if no work is left.
    work: Mutex<Option<Work<T>>>,
    effort: Effort,
    /// True after the job was dropped.
    given_up: AtomicBool,
}

/// Work function. It is called with a budget in bytes until it returns a result or gives up.
type Work<T> = Box<dyn FnMut(usize, &JobWanted<'_>) -> JobProgress<T> + Send>;

/// State of the work after one step.
pub enum JobProgress<T> {
    /// Work is left.
    Further,
    /// The work is complete, with this result.
    Done(T),
    /// The work ended without a result, because it is no longer wanted.
    GivenUp,
}

/// Information for the work about whether its result is still wanted.
pub struct JobWanted<'a>(&'a AtomicBool);

impl JobWanted<'_> {
    /// Returns false after the job was dropped. Long work calls it from time to time.
    pub fn still(&self) -> bool {
        !self.0.load(Ordering::Acquire)
    }
}

impl<T: Send + Sync + 'static> Job<T> {
    /// Creates a job with an available result.
    pub fn ready(result: T) -> Self {
        Self::with(OnceLock::from(result), None, Effort::Short)
    }

    /// Creates a job for work in steps of about a millisecond. `work` is called with the number of bytes that it may
    /// read.
    pub fn in_steps(
        work: impl FnMut(usize, &JobWanted<'_>) -> JobProgress<T> + Send + 'static,
    ) -> Self {
        Self::with(OnceLock::new(), Some(Box::new(work)), Effort::Short)
    }

    /// Creates a job for work that cannot be divided. `work` returns `None` if it gave up because the result is no
    /// longer wanted.
    pub fn in_one_go(work: impl FnOnce(&JobWanted<'_>) -> Option<T> + Send + 'static) -> Self {
        let mut work = Some(work);
        let step = move |_budget, wanted: &JobWanted<'_>| {
            let result = work.take().and_then(|work| work(wanted));
            result.map_or(JobProgress::GivenUp, JobProgress::Done)
        };
        Self::with(OnceLock::new(), Some(Box::new(step)), Effort::Long)
    }

    fn with(result: OnceLock<T>, work: Option<Work<T>>, effort: Effort) -> Self {
        Self {
            shared: Arc::new(SharedJob {
                result,
                work: Mutex::new(work),
                effort,
                given_up: AtomicBool::new(false),
            }),
        }
    }

    /// Returns the result; `None` until it is available.
    pub fn get(&self) -> Option<&T> {
        self.shared.result.get()
    }

    /// Returns the task for the host; `None` if no work is left.
    pub fn task(&self) -> Option<Task> {
        self.shared.is_stale().then(|| {
            let shared: Task = Arc::clone(&self.shared) as Task;
            shared
        })
    }

    /// Completes small work at once, so that a view does not stay empty for one pass.
    #[must_use]
    pub fn done_at_once(self, is_small: bool) -> Self {
        while is_small && self.shared.is_stale() {
            self.shared.step(usize::MAX);
        }
        self
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.shared.given_up.store(true, Ordering::Release);
    }
}

impl<T: Send + Sync> Analysis for SharedJob<T> {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let mut work = self.work.lock();
        let wanted = JobWanted(&self.given_up);
        let progress = match work.as_mut().filter(|_| wanted.still()) {
            Some(work) => work(budget_bytes, &wanted),
            None => JobProgress::GivenUp,
        };
        let is_done = !matches!(progress, JobProgress::Further);
        if is_done {
            // The work may hold a large payload, which must be freed early.
            *work = None;
        }
        let result = match progress {
            JobProgress::Done(result) => Some(result),
            JobProgress::Further | JobProgress::GivenUp => None,
        };
        let is_there = result.is_some_and(|result| self.result.set(result).is_ok());
        StepResult {
            news: News::visible_if(is_there),
            is_done,
        }
    }

    fn is_stale(&self) -> bool {
        // A result ends the work. A locked mutex means that a step is running.
        !self.given_up.load(Ordering::Acquire)
            && self.result.get().is_none()
            && self.work.try_lock().is_none_or(|work| work.is_some())
    }

    fn cadence(&self) -> Cadence {
        Cadence::OnDemand
    }

    fn effort(&self) -> Effort {
        self.effort
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(task: &Task) -> Vec<News> {
        let mut news = Vec::new();
        while task.is_stale() {
            news.push(task.step(1).news);
        }
        news
    }

    #[test]
    fn a_result_is_there_after_the_last_step() {
        let mut left = 3;
        let job = Job::in_steps(move |budget, _wanted| {
            left -= budget;
            if left == 0 {
                JobProgress::Done("result")
            } else {
                JobProgress::Further
            }
        });
        let task = job.task().unwrap();
        assert_eq!(job.get(), None);
        assert_eq!(run(&task), [News::None, News::None, News::Visible]);
        assert_eq!(job.get(), Some(&"result"));
        assert!(job.task().is_none());
        assert_eq!(Job::ready(3).get(), Some(&3));
        assert!(Job::ready(3).task().is_none());
    }

    #[test]
    fn small_work_is_done_at_once_where_that_is_asked_for() {
        let job = || Job::in_one_go(|_wanted| Some(7));
        assert_eq!(job().done_at_once(true).get(), Some(&7));
        let later = job().done_at_once(false);
        assert_eq!(later.get(), None);
        assert_eq!(later.task().unwrap().effort(), Effort::Long);
    }

    #[test]
    fn work_that_nobody_waits_for_is_given_up() {
        let job = Job::in_one_go(|wanted| wanted.still().then_some(()));
        let task = job.task().unwrap();
        drop(job);
        assert!(!task.is_stale());
        let step = task.step(1);
        assert_eq!((step.news, step.is_done), (News::None, true));
    }

    /// Running work is notified that its result is no longer wanted.
    #[test]
    fn work_under_way_can_end_early() {
        let (given, taken) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(None)));
        let (job_to_drop, seen) = (Arc::clone(&given), Arc::clone(&taken));
        let job = Job::in_one_go(move |wanted: &JobWanted<'_>| {
            let before = wanted.still();
            drop(job_to_drop.lock().take());
            *seen.lock() = Some((before, wanted.still()));
            None::<()>
        });
        let task = job.task().unwrap();
        *given.lock() = Some(job);
        task.step(1);
        assert_eq!(*taken.lock(), Some((true, false)));
    }

    #[test]
    fn what_the_work_holds_goes_when_it_is_done() {
        let held = Arc::new(());
        let in_work = Arc::clone(&held);
        let job = Job::in_one_go(move |_wanted| Some(Arc::strong_count(&in_work)));
        job.task().unwrap().step(1);
        assert_eq!((job.get(), Arc::strong_count(&held)), (Some(&2), 1));
    }
}
