-- The right edge of the tree that a signed head is over, so that the next one goes on from there. Proven by the signed root.
ALTER TABLE audit_head ADD COLUMN tree_edge TEXT COLLATE "C";
