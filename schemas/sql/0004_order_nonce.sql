-- The nonces of signed commands that were taken, until the commands have expired: none is taken
-- twice, not even across a restart.
CREATE TABLE order_nonce (
	signer TEXT NOT NULL,
	nonce TEXT NOT NULL,
	expires INTEGER NOT NULL, -- Unix seconds
	PRIMARY KEY (signer, nonce)
) STRICT, WITHOUT ROWID;
