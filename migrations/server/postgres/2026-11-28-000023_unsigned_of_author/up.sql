-- What a person has entered and not yet signed, over all stays.
CREATE INDEX observation_set_version_of_author ON observation_set_version (author_id, recorded_at);
