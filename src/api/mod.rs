//! Floor `api`: the plan over HTTP.
