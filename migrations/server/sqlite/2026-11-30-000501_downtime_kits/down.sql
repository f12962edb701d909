DROP TABLE kit_token;
DROP TABLE kit_password;
