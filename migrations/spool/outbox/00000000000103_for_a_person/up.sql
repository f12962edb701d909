-- When the courier gave a parcel up, and when a person looked at that.
ALTER TABLE uplink_outbox ADD COLUMN settled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE uplink_outbox ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX uplink_outbox_apart ON uplink_outbox (subject) WHERE state <> 'waiting' AND seen_at = 0;
