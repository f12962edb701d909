-- "What did this person do?" is asked of years of trail.
CREATE INDEX audit_of_actor ON audit (actor_id, at);
