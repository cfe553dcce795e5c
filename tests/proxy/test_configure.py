"""Settings: their defaults, what is a fault, that every fault is told at once and none shows a secret."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path

import pytest
from limits import parse_many

from asklight.configure import load_settings, unknown_names
from asklight.errors import SettingsError
from asklight.settings import CHROMIUM_EXTENSION_ID, DEFAULT_UPSTREAM, Relaying, Settings
from asklight.weborigin import OriginPattern, WebOrigin

SECRET = "sk-live-0123456789abcdef"
KEY = "k" * 32

Toml = Callable[[str], dict[str, str]]


def faults(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        load_settings(environment)
    assert str(error.value).splitlines() == [
        line for fault in error.value.faults for line in fault.splitlines()
    ]
    return error.value.faults


@pytest.fixture
def toml(tmp_path: Path) -> Toml:
    """Writes the configuration file and names it in the environment."""

    def write(text: str) -> dict[str, str]:
        path = tmp_path / "asklight.toml"
        path.write_text(text)
        return {"ASKLIGHT_CONFIG": str(path)}

    return write


class TestDefaults:
    def test_nothing_configured_is_one_demo_site_for_this_machine(self) -> None:
        settings = load_settings({"PATH": "/bin", "HOME": "/nowhere"})
        assert (settings.host, settings.port) == ("127.0.0.1", 8080)
        assert settings.public_url is None
        assert settings.secrets is None
        assert settings.trusted_proxies == ()
        assert settings.grace_seconds == 30
        assert settings.data_dir.is_absolute()
        [site] = settings.sites.values()
        assert site.id == "demo"
        assert site.origins == (OriginPattern("localhost"),)
        assert site.extensions == {CHROMIUM_EXTENSION_ID, "firefox"}
        assert site.upstream is None
        assert site.limits.messages_per_session == tuple(parse_many("10/minute, 200/day"))

    def test_a_blank_variable_is_none(self) -> None:
        blank = {"ASKLIGHT_PORT": " ", "ASKLIGHT_ORIGINS": "", "ASKLIGHT_SECRET": "\n"}
        assert load_settings(blank).port == 8080
        assert load_settings(blank).secrets is None

    def test_choosing_origins_drops_localhost_and_our_own_extensions(self) -> None:
        [site] = load_settings({"ASKLIGHT_ORIGINS": "https://a.example"}).sites.values()
        assert site.origins == (OriginPattern("https://a.example"),)
        assert site.extensions == frozenset()

    def test_extensions_are_listed_by_id_or_as_firefox(self) -> None:
        chosen = {"ASKLIGHT_EXTENSIONS": f"firefox, {'a' * 32},"}
        [site] = load_settings(chosen).sites.values()
        assert site.extensions == {"firefox", "a" * 32}


class TestValues:
    def test_each_is_read_as_it_is_meant(self) -> None:
        settings = load_settings(
            {
                "ASKLIGHT_HOST": "10.1.2.3",
                "ASKLIGHT_PORT": "0",
                "ASKLIGHT_PUBLIC_URL": "https://Ask.Example.com/",
                "ASKLIGHT_DATA_DIR": "/srv/ask",
                "ASKLIGHT_SECRET": f"{KEY}, {'n' * 40}",
                "ASKLIGHT_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
                "ASKLIGHT_GRACE_SECONDS": "2.5",
                "ASKLIGHT_SITE": "shop",
                "ASKLIGHT_ORIGINS": "https://a.example, https://*.b.example",
                "ASKLIGHT_COLOR": "#FFE14A",
                "ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": "1/second, 5 per 2 hours",
            }
        )
        assert settings.host == "10.1.2.3"
        assert settings.public_url == WebOrigin("https", "ask.example.com", 443)
        assert settings.data_dir == Path("/srv/ask")
        assert [key.unseal() for key in settings.secrets or ()] == [KEY, "n" * 40]
        assert settings.trusted_proxies == (
            ipaddress.ip_network("10.0.0.0/8"),
            ipaddress.ip_network("::1"),
        )
        assert settings.grace_seconds == 2.5
        site = settings.sites["shop"]
        assert [pattern.text for pattern in site.origins] == [
            "https://a.example",
            "https://*.b.example",
        ]
        assert site.look.color == "#FFE14A"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PORT", "eighty"),
            ("PORT", "-1"),
            ("PORT", "65536"),
            ("PUBLIC_URL", "ask.example.com"),
            ("PUBLIC_URL", "https://ask.example.com/path"),
            ("PUBLIC_URL", "https://*.example.com"),
            ("PUBLIC_URL", "ftp://ask.example.com"),
            ("DATA_DIR", "~nobody-of-this-name/ask"),
            ("CONFIG", "~nobody-of-this-name/asklight.toml"),
            ("SECRET_FILE", "~nobody-of-this-name/secret"),
            ("SECRET", "short"),
            ("SECRET", f"{KEY},short"),
            ("SECRET", f"{KEY},"),
            ("SECRET", f"{KEY} {KEY}"),
            ("USER_SECRET", "short"),
            ("USER_SECRET", "x" * 31),
            ("USER_SECRET", f"{KEY},short"),
            ("TRUSTED_PROXIES", "*"),
            ("TRUSTED_PROXIES", "localhost"),
            ("TRUSTED_PROXIES", "10.0.0.1/8"),
            ("TRUSTED_PROXIES", "0.0.0.0/0"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, ::/0"),
            ("GRACE_SECONDS", "-1"),
            ("GRACE_SECONDS", "nan"),
            ("GRACE_SECONDS", "inf"),
            ("EVENT_BYTES", "1023"),
            ("EVENT_BYTES", "1 MiB"),
            ("ANSWER_BYTES", "0"),
            ("ANSWER_BYTES", "1048575"),
            ("ALL_ANSWERS_BYTES", "4194303"),
            ("LAG_BYTES", "-1"),
            ("READERS_PER_SESSION", "0"),
            ("KEEP_ALIVE_SECONDS", "0"),
            ("KEEP_ALIVE_SECONDS", "nan"),
            ("SENDING", "fast"),
            ("SITE", "Demo"),
            ("SITE", "a/b"),
            ("SITE", "-a"),
            ("SITE", "a" * 41),
            ("SITE", "demo;x"),
            ("ORIGINS", "*"),
            ("ORIGINS", "https://a.example, null"),
            ("ORIGINS", "a.example"),
            ("EXTENSIONS", "*"),
            ("EXTENSIONS", "chrome"),
            ("EXTENSIONS", "z" * 32),
            ("COLOR", "red"),
            ("COLOR", "#12"),
            ("COLOR", "#FFE14A;}"),
            ("COLOR", "#FFE14A\n"),
            ("COLOR_DARK", "rgb(0,0,0)"),
            ("POSITION", "top"),
            ("TITLE", "t" * 101),
            ("LIMIT_MESSAGES_PER_SESSION", "many"),
            ("LIMIT_SESSIONS_PER_ADDRESS", "10/fortnight"),
            ("UPSTREAM_TOKEN", "two words"),
            ("UPSTREAM_TOKEN", "line\nbreak"),
            ("UPSTREAM_KEY", "schlüssel"),
            ("UPSTREAM_ORIGIN", "example.com"),
            ("UPSTREAM_TRANSPORT", "http2"),
            ("UPSTREAM_CA_FILE", "/nowhere/authority.pem"),
            ("UPSTREAM_CA_FILE", __file__),
            ("ASSISTANT_TOKEN", "a b"),
        ],
    )
    def test_a_value_that_cannot_be_is_a_fault_with_its_name(self, name: str, value: str) -> None:
        [fault] = faults({f"ASKLIGHT_{name}": value})
        assert fault.startswith(f"ASKLIGHT_{name}: ")

    def test_what_a_running_answer_may_take_is_read_as_it_is_meant(self) -> None:
        settings = load_settings(
            {
                "ASKLIGHT_EVENT_BYTES": "2000",
                "ASKLIGHT_ANSWER_BYTES": "3000000",
                "ASKLIGHT_ALL_ANSWERS_BYTES": "3000000",
                "ASKLIGHT_STREAMS": "4000",
                "ASKLIGHT_LAG_BYTES": "5000",
                "ASKLIGHT_READERS_PER_SESSION": "6",
                "ASKLIGHT_KEEP_ALIVE_SECONDS": "7.5",
            }
        )
        assert settings.relaying == Relaying(2_000, 3_000_000, 3_000_000, 4_000, 5_000, 6, 7.5)

    def test_events_go_by_asgi_unless_the_direct_path_is_asked_for(self) -> None:
        assert load_settings({}).sending == "asgi"
        assert load_settings({"ASKLIGHT_SENDING": "direct"}).sending == "direct"

    def test_the_environment_given_is_the_only_one_read(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ASKLIGHT_PORT", "not a port")
        assert load_settings({}).port == 8080


class TestFaults:
    def test_all_are_told_at_once_each_by_its_name(self) -> None:
        told = faults(
            {
                "ASKLIGHT_PORT": "high",
                "ASKLIGHT_SECRET": "short",
                "ASKLIGHT_ORIGINS": "everywhere",
                "ASKLIGHT_COLOR": "red",
                "ASKLIGHT_UPSTREAM_TOKEN": "a b",
                "ASKLIGHT_UPSTREAM_KEY": "key",
                "ASKLIGHT_UPSTREAM_URL": "http://api.example/v2",
            }
        )
        names = [fault.partition(":")[0] for fault in told]
        assert sorted(names) == [
            "ASKLIGHT_COLOR",
            "ASKLIGHT_ORIGINS",
            "ASKLIGHT_PORT",
            "ASKLIGHT_SECRET",
            "ASKLIGHT_UPSTREAM_TOKEN",
            "ASKLIGHT_UPSTREAM_TOKEN, ASKLIGHT_UPSTREAM_KEY",
            "ASKLIGHT_UPSTREAM_URL",
        ]

    @pytest.mark.parametrize(
        "name",
        [
            "SECRET",
            "UPSTREAM_TOKEN",
            "UPSTREAM_KEY",
            "ASSISTANT_TOKEN",
            "ASSISTANT_KEY",
            "USER_SECRET",
        ],
    )
    @pytest.mark.parametrize("spoilt", ["{} x", "{}\n{}", "{}é", "{}\x00", "{}" * 300])
    def test_none_shows_a_secrets_value(self, name: str, spoilt: str, tmp_path: Path) -> None:
        value = spoilt.replace("{}", SECRET)
        path = tmp_path / "token"
        path.write_text(value)
        for environment in ({f"ASKLIGHT_{name}": value}, {f"ASKLIGHT_{name}_FILE": str(path)}):
            [fault] = faults(environment)
            assert fault.startswith(f"ASKLIGHT_{name}")
            assert SECRET not in fault

    def test_a_secret_read_well_is_not_shown_by_the_settings_either(self) -> None:
        names = ("SECRET", "UPSTREAM_TOKEN", "ASSISTANT_TOKEN", "ASSISTANT_KEY", "USER_SECRET")
        settings = load_settings({f"ASKLIGHT_{name}": SECRET * 2 for name in names})
        assert SECRET not in repr(settings)

    def test_names_that_look_like_settings_are_told_apart(self) -> None:
        environment = {"ASKLIGHT_PROT": "1", "ASKLIGHT_PORT_8080_TCP": "x", "ASKLIGHT_PORT": "1"}
        known = {"ASKLIGHT_CONFIG": "x", "ASKLIGHT_SECRET_FILE": "x", "OTHER": "x"}
        assert unknown_names(environment | known) == ["ASKLIGHT_PORT_8080_TCP", "ASKLIGHT_PROT"]
        assert load_settings(environment).port == 1


class TestSecretFiles:
    @pytest.mark.parametrize("ending", ["", "\n", "\r\n", " \n\n"])
    def test_the_line_break_at_the_end_is_no_part_of_it(self, tmp_path: Path, ending: str) -> None:
        path = tmp_path / "token"
        path.write_text(SECRET + ending)
        [site] = load_settings({"ASKLIGHT_UPSTREAM_TOKEN_FILE": str(path)}).sites.values()
        assert site.upstream is not None
        assert site.upstream.token is not None
        assert site.upstream.token.unseal() == SECRET

    def test_the_same_holds_for_a_variable(self) -> None:
        [site] = load_settings({"ASKLIGHT_UPSTREAM_TOKEN": f" {SECRET}\n"}).sites.values()
        assert site.upstream is not None
        assert site.upstream.token is not None
        assert site.upstream.token.unseal() == SECRET

    def test_a_file_beside_the_variable_is_a_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        path.write_text(KEY)
        environment = {"ASKLIGHT_SECRET": KEY, "ASKLIGHT_SECRET_FILE": str(path)}
        assert faults(environment) == (
            "ASKLIGHT_SECRET, ASKLIGHT_SECRET_FILE: set one of the two.",
        )

    def test_a_file_that_cannot_be_used_is_a_fault(self, tmp_path: Path) -> None:
        (tmp_path / "empty").write_text("\n")
        (tmp_path / "binary").write_bytes(b"\xff\xfe")
        for name, words in (
            ("missing", "cannot be read"),
            (".", "cannot be read"),
            ("empty", "is empty"),
            ("binary", "is not ASCII"),
        ):
            [fault] = faults({"ASKLIGHT_UPSTREAM_TOKEN_FILE": str(tmp_path / name)})
            assert fault.startswith("ASKLIGHT_UPSTREAM_TOKEN")
            assert words in fault


class TestUpstreams:
    def test_a_token_alone_means_the_service(self) -> None:
        [site] = load_settings({"ASKLIGHT_UPSTREAM_TOKEN": SECRET}).sites.values()
        assert site.upstream is not None
        assert site.upstream.url == DEFAULT_UPSTREAM == "https://api.siteassist.io/v2"
        assert site.upstream.key is None

    def test_both_credentials_are_a_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        path.write_text(SECRET)
        for token in (
            {"ASKLIGHT_UPSTREAM_TOKEN": SECRET},
            {"ASKLIGHT_UPSTREAM_TOKEN_FILE": str(path)},
        ):
            [fault] = faults(token | {"ASKLIGHT_UPSTREAM_KEY": "pk"})
            assert fault == "ASKLIGHT_UPSTREAM_TOKEN, ASKLIGHT_UPSTREAM_KEY: set one of the two."

    def test_an_address_without_a_credential_is_a_fault(self) -> None:
        [fault] = faults({"ASKLIGHT_UPSTREAM_URL": "https://api.example/v2"})
        assert fault.startswith("ASKLIGHT_UPSTREAM_URL: needs ASKLIGHT_UPSTREAM_TOKEN or")

    @pytest.mark.parametrize(
        "url",
        [
            "http://localhost:9/v2",
            "http://127.0.0.1/v2",
            "http://[::1]:9/v2",
            "https://a.example/v2/",
        ],
    )
    def test_https_and_this_machine_get_the_credential(self, url: str) -> None:
        environment = {"ASKLIGHT_UPSTREAM_URL": url, "ASKLIGHT_UPSTREAM_TOKEN": SECRET}
        [site] = load_settings(environment).sites.values()
        assert site.upstream is not None
        assert site.upstream.url == url.rstrip("/")

    @pytest.mark.parametrize(
        "host", ["api.example", "10.0.0.1", "localhost.evil.test", "[fd00::1]"]
    )
    def test_plain_http_across_a_network_is_a_fault_unless_allowed_by_name(self, host: str) -> None:
        environment = {
            "ASKLIGHT_UPSTREAM_URL": f"http://{host}/v2",
            "ASKLIGHT_UPSTREAM_TOKEN": SECRET,
        }
        bare = host.strip("[]")
        for allowed in ({}, {"ASKLIGHT_UPSTREAM_ALLOW_HTTP": "1"}):
            [fault] = faults(environment | allowed)
            assert f"ASKLIGHT_UPSTREAM_ALLOW_HTTP={bare}" in fault
        load_settings(environment | {"ASKLIGHT_UPSTREAM_ALLOW_HTTP": bare})

    @pytest.mark.parametrize(
        "url",
        [
            "api.example/v2",
            "ftp://api.example",
            "https://",
            "https:///v2",
            "https://user:pass@api.example/v2",
            "https://@api.example/v2",
            "https://api.example/v2?x=1",
            "https://api.example/v2#x",
            "https://api.example:99999/v2",
            "https://api.example:0/v2",
            "https://api.example/v2 x",
            "https://api.example/v2\r\nHost: evil.test",
            "https://bücher.example/v2",
            "https://[::1/v2",
        ],
    )
    def test_an_address_that_is_none_is_a_fault(self, url: str) -> None:
        environment = {"ASKLIGHT_UPSTREAM_URL": url, "ASKLIGHT_UPSTREAM_TOKEN": SECRET}
        [fault] = faults(environment)
        assert fault.startswith("ASKLIGHT_UPSTREAM_URL: must ")
        assert "pass@" not in fault


class TestFile:
    def test_it_has_the_same_names_in_lower_case(self, toml: Toml) -> None:
        environment = toml(f'port = 9000\nsecret = "{KEY}"\norigins = ["https://a.example"]')
        settings = load_settings(environment)
        assert settings.port == 9000
        assert settings.sites["demo"].origins == (OriginPattern("https://a.example"),)

    def test_the_environment_goes_before_it_for_the_server(self, toml: Toml) -> None:
        environment = toml("port = 9000\ngrace_seconds = 5") | {"ASKLIGHT_PORT": "9001"}
        settings = load_settings(environment)
        assert (settings.port, settings.grace_seconds) == (9001, 5)

    def test_several_sites_stand_in_it(self, toml: Toml) -> None:
        settings: Settings = load_settings(
            toml(
                f"""
                [[sites]]
                id = "shop"
                origins = "https://shop.example"
                upstream_token = "{SECRET}"
                welcome = "Hello"
                user_secret = "{KEY}"
                [[sites]]
                id = "docs"
                origins = ["https://docs.example"]
                upstream_url = "https://other.example/v2"
                upstream_key = "pk"
                upstream_origin = "https://docs.example"
                """
            )
        )
        assert list(settings.sites) == ["shop", "docs"]
        shop, docs = settings.sites.values()
        assert shop.look.welcome == "Hello"
        assert [secret.unseal() for secret in shop.user_secrets] == [KEY]
        assert docs.user_secrets == ()
        assert shop.upstream is not None
        assert shop.upstream.url == DEFAULT_UPSTREAM
        assert docs.upstream is not None
        assert docs.upstream.token is None
        assert docs.upstream.origin == "https://docs.example"

    def test_what_belongs_to_a_site_does_not_stand_beside_it(self, toml: Toml) -> None:
        sites = '[[sites]]\nid = "shop"\norigins = "https://shop.example"'
        beside = {"ASKLIGHT_ORIGINS": "https://a.example", "ASKLIGHT_UPSTREAM_TOKEN": SECRET}
        assert faults(toml(sites) | beside) == (
            "ASKLIGHT_ORIGINS: belongs into ASKLIGHT_CONFIG, not beside it.",
            "ASKLIGHT_UPSTREAM_TOKEN: belongs into ASKLIGHT_CONFIG, not beside it.",
        )
        [fault] = faults(toml(f'title = "Top"\n{sites}'))
        assert fault == "title: belongs into one of the [[sites]] of ASKLIGHT_CONFIG."

    def test_each_sites_faults_are_told_with_its_place(self, toml: Toml) -> None:
        told = faults(
            toml(
                """
                colour = "typo"
                [[sites]]
                id = "shop"
                color = "red"
                uprteam_token = "typo"
                upstream_token = "a"
                upstream_key = "b"
                [[sites]]
                id = "Docs"
                [[sites]]
                title = 7
                upstream_url = "https://a.example"
                """
            )
        )
        assert sorted(fault.partition(":")[0] for fault in told) == [
            "colour",
            "sites[1].color",
            "sites[1].uprteam_token",
            "sites[1].upstream_token, sites[1].upstream_key",
            "sites[2].id",
            "sites[3].id",
            "sites[3].title",
            "sites[3].upstream_url",
        ]

    def test_an_origin_and_an_id_belong_to_one_site(self, toml: Toml) -> None:
        told = faults(
            toml(
                """
                [[sites]]
                id = "a"
                origins = ["https://x.example", "https://*.y.example"]
                [[sites]]
                id = "b"
                origins = ["https://X.example:443", "https://*.Y.example/"]
                [[sites]]
                id = "a"
                origins = []
                """
            )
        )
        assert told == (
            "sites: https://x.example is allowed by a and by b; an origin belongs to one site.",
            "sites: https://*.y.example is allowed by a and by b; an origin belongs to one site.",
            "sites: the id a is used twice.",
        )

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("sites = 7", ["sites"]),
            ("sites = []", ["sites"]),
            ("sites = [7]", ["sites[1]"]),
            ("[[sites]]\nid = 7", ["sites[1].id"]),
            ('[[sites]]\nid = "a"\nsite = "b"', ["sites[1].site"]),
            ("config = 'x'", ["config"]),
            ("data_dir = 7", ["ASKLIGHT_DATA_DIR"]),
            ('data_dir = "a\\u0000b"', ["ASKLIGHT_DATA_DIR"]),
            ("secret_file = 7", ["ASKLIGHT_SECRET_FILE"]),
            ('secret_file = "a\\u0000b"', ["ASKLIGHT_SECRET_FILE"]),
            (f'secret = ["{KEY}"]', ["ASKLIGHT_SECRET"]),
            ('secret = ""', ["ASKLIGHT_SECRET"]),
            ("upstream_token = 7", ["ASKLIGHT_UPSTREAM_TOKEN"]),
            ('upstream_token = ""', ["ASKLIGHT_UPSTREAM_TOKEN"]),
            ("upstream_url = 7\nupstream_key = 'k'", ["ASKLIGHT_UPSTREAM_URL"]),
            ("origins = 7", ["ASKLIGHT_ORIGINS"]),
            ("origins = [7]", ["ASKLIGHT_ORIGINS"]),
            ("trusted_proxies = {}", ["ASKLIGHT_TRUSTED_PROXIES"]),
            ("limit_messages_per_session = ''", ["ASKLIGHT_LIMIT_MESSAGES_PER_SESSION"]),
            ("limit_messages_per_session = 7", ["ASKLIGHT_LIMIT_MESSAGES_PER_SESSION"]),
            ("port = 80.5", ["ASKLIGHT_PORT"]),
            ("public_url = 7", ["ASKLIGHT_PUBLIC_URL"]),
        ],
    )
    def test_a_value_of_another_kind_is_a_fault_and_never_a_crash(
        self, toml: Toml, text: str, names: list[str]
    ) -> None:
        told = faults(toml(text))
        assert [fault.partition(":")[0] for fault in told] == names

    def test_a_file_that_cannot_be_read_is_a_fault(self, tmp_path: Path, toml: Toml) -> None:
        [missing] = faults({"ASKLIGHT_CONFIG": str(tmp_path / "missing.toml")})
        assert missing.startswith("ASKLIGHT_CONFIG: ")
        assert "cannot be read" in missing
        [broken] = faults(toml(f'secret = "{SECRET}'))
        assert broken.endswith("is not valid TOML.")
        assert SECRET not in broken
        (tmp_path / "latin.toml").write_bytes('title = "é"'.encode("latin-1"))
        [latin] = faults({"ASKLIGHT_CONFIG": str(tmp_path / "latin.toml")})
        assert latin.endswith("is not valid TOML.")
