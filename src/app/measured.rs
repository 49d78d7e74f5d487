//! Fields that measures read, to and from the texts in which the files of the user have them.

use feedscope_analysis::fields::Path;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_files::measured_paths::MeasuredPaths;

/// Returns the fields of these paths, and the reason of the first path that is none, which is left out.
pub(super) fn fields_of(paths: &MeasuredPaths) -> (MeasuredFields, Option<String>) {
    let mut wrong = None;
    let mut parse = |path: &Option<String>| match Path::parse(path.as_deref()?) {
        Ok(path) => Some(path),
        Err(problem) => {
            wrong.get_or_insert_with(|| problem.to_string());
            None
        }
    };
    let fields = MeasuredFields {
        time: parse(&paths.time),
        sequence: parse(&paths.sequence),
        key: parse(&paths.key),
    };
    (fields, wrong)
}

/// Returns the paths of these fields.
pub(super) fn paths_of(fields: &MeasuredFields) -> MeasuredPaths {
    let text = |path: &Option<Path>| path.as_ref().map(Path::to_string);
    MeasuredPaths {
        time: text(&fields.time),
        sequence: text(&fields.sequence),
        key: text(&fields.key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_the_same_after_they_were_texts() {
        let paths = MeasuredPaths {
            time: Some(".sent.at".to_owned()),
            sequence: Some(".data[0].seq".to_owned()),
            key: Some(".symbol".to_owned()),
        };
        let (fields, wrong) = fields_of(&paths);
        assert_eq!((paths_of(&fields), wrong), (paths, None));
    }

    #[test]
    fn a_wrong_path_has_a_reason_and_the_others_count() {
        let (fields, wrong) = fields_of(&MeasuredPaths {
            time: Some(".a[".to_owned()),
            sequence: Some(".seq".to_owned()),
            key: None,
        });
        assert!(fields.time.is_none() && fields.sequence.is_some());
        assert!(wrong.is_some());
    }
}
