"""The rules that an access token is checked against; each refusal names the rule that was broken."""

from enum import StrEnum


class Rule(StrEnum):
    """Stable names, for logs, metrics and test vectors. They are never sent to the client."""

    # RFC 6750, section 2.1
    AUTHORIZATION_HEADER = "authorization_header"
    # RFC 7515, sections 3.1 and 5.2
    SIZE = "size"
    FORMAT = "format"
    BASE64URL = "base64url"
    # RFC 8259; duplicate members: RFC 7515, section 4
    JSON = "json"
    DUPLICATE_MEMBER = "duplicate_member"
    # RFC 7515, section 4.1; RFC 8725, sections 3.1 and 3.11
    ALGORITHM = "algorithm"
    KEY_ID = "key_id"
    TYPE = "type"
    CRITICAL = "critical"
    KEY_IN_HEADER = "key_in_header"
    UNENCODED_PAYLOAD = "unencoded_payload"
    KEY_ALGORITHM = "key_algorithm"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    # RFC 7519, section 4.1; RFC 8725, sections 3.8 and 3.9
    CLAIM_MISSING = "claim_missing"
    CLAIM_TYPE = "claim_type"
    CLAIM_VALUE = "claim_value"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_BEFORE = "not_before"
    ISSUED_AT = "issued_at"
    LIFETIME = "lifetime"
    # RFC 7800, section 3.1; RFC 9449, section 7.1; RFC 8705, section 3
    CONFIRMATION = "confirmation"
    # Principal.values
    PRINCIPAL = "principal"
    # resource_server.tickets
    TICKET = "ticket"
