"""Tables that only grow: rows that nothing changes, sealed in the background, and the check that nobody did.

`append_only` refuses every change the ORM knows. Nobody can be kept from changing a table by other means: the
application owns its tables and works under one database role. So what cannot be prevented is made plain: `canonical`
hashes each row as it is written, `sealer` chains those hashes, and `verifier` names every row that is not as it was.
"""
