"""The configuration keys of the Go version: their types, variables, and which of them we leave out and why."""

from __future__ import annotations

from typing import Literal

KeyType = Literal["text", "int", "float", "bool", "object"]

_TEXT = (
    "watch_dir", "watch_exclude", "file_ext", "silence", "robot_key", "dingtalk_webhook", "dingtalk_secret",
    "email_host", "email_user", "email_pass", "email_from", "email_to", "bucket", "ak", "sk", "endpoint", "region",
    "log_level", "log_file", "api_bind", "api_cors_origins", "upload_queue_persist_file", "upload_retry_delays",
    "upload_resumable_checkpoint_dir", "alert_rules_file", "alert_log_paths", "alert_poll_interval",
    "ai_base_url", "ai_api_key", "ai_model", "ai_timeout",
)  # fmt: skip
_INT = (
    "email_port", "upload_workers", "upload_queue_size", "upload_retry_max_attempts", "upload_resumable_part_size",
    "upload_resumable_routines", "upload_resumable_threshold", "ai_max_lines",
)  # fmt: skip
_BOOL = (
    "email_use_tls", "force_path_style", "disable_ssl", "log_to_std", "log_show_caller",
    "upload_queue_persist_enabled", "upload_queue_circuit_breaker_enabled", "upload_retry_enabled",
    "upload_etag_verify_enabled", "upload_resumable_enabled", "system_resource_enabled", "alert_enabled",
    "alert_suppress_enabled", "alert_start_from_end", "ai_enabled",
)  # fmt: skip

#: every key of its YAML file, with the type of its value
KEY_TYPES: dict[str, KeyType] = {
    **dict.fromkeys(_TEXT, "text"),
    **dict.fromkeys(_INT, "int"),
    **dict.fromkeys(_BOOL, "bool"),
    "upload_queue_saturation_threshold": "float",
    "alert_rules": "object",
}

#: keys that its runtime file may hold; there they beat the YAML file
RUNTIME_KEYS = frozenset(
    {
        "watch_dir", "file_ext", "silence", "upload_workers", "upload_queue_size", "upload_retry_delays",
        "upload_retry_enabled", "system_resource_enabled", "alert_enabled", "alert_suppress_enabled", "alert_rules",
        "alert_rules_file", "alert_log_paths", "alert_poll_interval", "alert_start_from_end",
    }
)  # fmt: skip

#: keys in which it resolves ${NAME}; in every other text key such a value counts as blank
PLACEHOLDER_KEYS = frozenset(
    {"robot_key", "dingtalk_webhook", "dingtalk_secret", "email_user", "email_pass", "ak", "sk"}
)
LITERAL_KEYS = frozenset({"upload_retry_delays"})  #: where `${…}` is left as it stands

SECRET_KEYS = frozenset({"robot_key", "dingtalk_webhook", "dingtalk_secret", "email_pass", "ak", "sk", "ai_api_key"})

_OSS_VARIABLES = ("bucket", "endpoint", "region", "ak", "sk", "force_path_style", "disable_ssl")
_SAME_NAME = (
    "robot_key", "dingtalk_webhook", "dingtalk_secret", "email_host", "email_user", "email_pass", "email_from",
    "email_to", "email_port", "email_use_tls", "api_cors_origins", "upload_queue_persist_enabled",
    "upload_queue_persist_file", "upload_queue_saturation_threshold", "upload_queue_circuit_breaker_enabled",
    "upload_retry_max_attempts", "upload_etag_verify_enabled", "upload_resumable_enabled",
    "upload_resumable_part_size", "upload_resumable_routines", "upload_resumable_threshold",
    "upload_resumable_checkpoint_dir", "ai_enabled", "ai_base_url", "ai_api_key", "ai_model", "ai_timeout",
    "ai_max_lines",
)  # fmt: skip

#: its environment variables; they beat both files
VARIABLES: dict[str, str] = {
    **{f"OSS_{key.upper()}": key for key in _OSS_VARIABLES},
    **{key.upper(): key for key in _SAME_NAME},
}

#: variables of its compose file that begin like ours
COMPOSE_VARIABLES = ("GWF_BACKEND_PORT", "GWF_WEB_PORT")

_NOT_YET = "not yet in this version"
_NO_BOUND = "the queue is the journal on disk: it has no fixed size, is always on and drops nothing"
_BREAKER = "each store has a real circuit breaker (agent.breaker); files wait in the journal, none is shed"

#: why a key has no meaning here; keys with a prefix below are covered by it
LEFT_OUT: dict[str, str] = {
    "robot_key": "the Go version did not use it either",
    "force_path_style": "the Go version used it for download links only; uploads keep its addressing",
    "log_show_caller": "lines name the component instead",
    "upload_queue_size": _NO_BOUND,
    "upload_queue_persist_enabled": _NO_BOUND,
    "upload_queue_saturation_threshold": _BREAKER,
    "upload_queue_circuit_breaker_enabled": _BREAKER,
    "upload_etag_verify_enabled": "every upload is verified, also in parts",
    "upload_resumable_checkpoint_dir": "the state of uploads in parts is in the journal",
}
LEFT_OUT_PREFIXES: dict[str, str] = {
    "dingtalk_": f"notifications are {_NOT_YET}",
    "email_": f"notifications are {_NOT_YET}",
    "ai_": f"AI analysis is {_NOT_YET}",
}


def reason_left_out(key: str) -> str | None:
    """Return why `key` is left out, or None for a key that is mapped."""
    by_prefix = (text for prefix, text in LEFT_OUT_PREFIXES.items() if key.startswith(prefix))
    return LEFT_OUT.get(key) or next(by_prefix, None)
