//! What people type into a URL field, understood; and URLs shown without their secrets.
