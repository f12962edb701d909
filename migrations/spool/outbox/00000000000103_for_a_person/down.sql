DROP INDEX uplink_outbox_apart;
ALTER TABLE uplink_outbox DROP COLUMN seen_at;
ALTER TABLE uplink_outbox DROP COLUMN settled_at;
