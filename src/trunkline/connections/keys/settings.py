"""The settings of what protects stored secrets."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class KeySettings(msgspec.Struct, frozen=True):
    """What protects stored credentials. What is set for a provider is used for all that it wrapped."""

    key_provider: Annotated[
        Literal["file", "vault", "kms"],
        Meta(description="Who wraps new data keys: a key file, Vault or OpenBao (transit), or AWS KMS."),
    ] = "file"
    key_file: Annotated[
        str, Meta(description="The key file; by default `credentials.key` in the data directory, made when needed.")
    ] = ""
    key_seconds: Annotated[
        float, Meta(ge=0, le=3600, description="How long an unwrapped data key is kept in memory, in seconds.")
    ] = 300.0
    vault_address: Annotated[str, Meta(description="Address of Vault or OpenBao: https://host:8200.")] = ""
    vault_mount: Annotated[str, Meta(description="Where its transit engine is mounted.")] = "transit"
    vault_key: Annotated[str, Meta(description="Name of its transit key, of type aes256-gcm96.")] = "trunkline"
    vault_namespace: Annotated[str, Meta(description="Its namespace, if it has any.")] = ""
    vault_token_file: Annotated[str, Meta(description="File with its token; read again when it is refused.")] = ""
    vault_role_id: Annotated[str, Meta(description="Role id of an AppRole, in the place of a token.")] = ""
    vault_secret_id_file: Annotated[str, Meta(description="File with the secret id of the AppRole.")] = ""
    vault_ca_file: Annotated[str, Meta(description="Certificates it is verified by; by default the system's.")] = ""
    kms_key: Annotated[str, Meta(description="ARN, id or alias/name of the key in AWS KMS.")] = ""
    kms_region: Annotated[str, Meta(description="Its region; by default that of the AWS configuration.")] = ""
    kms_endpoint: Annotated[str, Meta(description="Another endpoint of AWS KMS, of a VPC say.")] = ""
