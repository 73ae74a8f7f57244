"""The codes with which the server closes a socket. docs/socket-protocol.md says what a client does then."""

BAD_FRAME = 4400
SIGNED_OUT = 4401
VERSION_UNKNOWN = 4406
TOO_SLOW = 4408
TOO_LARGE = 4413
TOO_FAST = 4429
TOO_MANY_SOCKETS = 4430
TRY_AGAIN_LATER = 1013
FAILED = 1011
