ALTER TABLE audit_head DROP COLUMN tree_edge;
