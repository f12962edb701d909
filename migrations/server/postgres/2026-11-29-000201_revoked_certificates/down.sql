DROP TABLE certificate_revocation;
