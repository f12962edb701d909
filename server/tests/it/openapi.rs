//! The web app's types are checked against a copy of the OpenAPI document: the copy must be what the server says.

// Clauses: CV-III.1.3b
#[test]
fn the_web_app_is_checked_against_the_document_that_the_server_prints() {
    let copy = include_str!("../../../frontend/openapi/openapi.json");
    let said = benhan_server::http::routes::openapi().to_pretty_json().expect("a document");
    let differs = copy.lines().zip(said.lines()).position(|(old, new)| old != new);
    let advice = "write it anew: cargo run -p benhan -- openapi > frontend/openapi/openapi.json, then make frontend";
    assert!(copy.trim_end() == said.trim_end(), "the copy differs from line {differs:?} on; {advice}");
}
