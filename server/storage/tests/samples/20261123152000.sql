-- A configuration with a key of its own that its host has taken.
UPDATE configurations SET repository_public_key = 'ssh-ed25519 AAAA fairlead', ssh_key_made_here = TRUE;
UPDATE configuration_status SET accepted_credential = 'sshPrivateKey=0011223344556677';
