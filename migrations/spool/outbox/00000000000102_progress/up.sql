-- When the server last took a parcel: it tells a parcel that cannot be taken from a server that takes nothing,
-- also after a restart.
CREATE TABLE uplink_progress (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    last_accepted INTEGER NOT NULL
) STRICT;

INSERT INTO uplink_progress (id, last_accepted) VALUES (1, 0);
