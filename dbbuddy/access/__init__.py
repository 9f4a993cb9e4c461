"""Who may enter and as what: the access file, logins of an identity provider or a proxy, and how long they last."""
