DROP TABLE password_history;
ALTER TABLE user_account DROP COLUMN enabled_at;
ALTER TABLE user_account DROP COLUMN password_set_at;
