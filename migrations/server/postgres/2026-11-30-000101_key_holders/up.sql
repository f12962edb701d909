-- Where the key of a certificate is. A reference says what its holder calls it: token serial and CKA_ID, or credential.
ALTER TABLE certificate ADD COLUMN key_holder TEXT COLLATE "C" NOT NULL DEFAULT 'software'
    CHECK (key_holder IN ('software', 'pkcs11', 'remote', 'terminal'));
ALTER TABLE certificate ADD COLUMN key_reference TEXT COLLATE "C"; -- none for a key in software
