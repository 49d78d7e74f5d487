//! Options of curl, and what becomes of each.

/// The meaning of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Header,
    /// A header with this name.
    HeaderNamed(&'static str),
    /// A token of OAuth 2.0 in the header `Authorization`.
    Bearer,
    Cookie,
    /// An option of a feed with a value.
    Option(&'static str),
    /// An option of a feed without a value.
    Flag(&'static str),
    /// A proxy with this scheme.
    Proxy(&'static str),
    /// Subprotocols of a WebSocket, with commas between them.
    Subprotocols,
    /// Body as it is given, where `@FILE` names a file.
    Data,
    /// Body as it is given.
    DataRaw,
    DataBinary,
    DataUrlencode,
    /// The body becomes the query of the URL.
    Get,
    Url,
    /// It makes no difference here.
    Ignored,
    IgnoredWithValue,
    /// It could make a difference, and has no effect. It is named.
    NoEffect,
    NoEffectWithValue,
    /// Without it, the request would be another one or go to another place.
    Refused,
    RefusedWithValue,
}

impl Meaning {
    pub(super) fn has_value(self) -> bool {
        !matches!(
            self,
            Self::Flag(_) | Self::Get | Self::Ignored | Self::NoEffect | Self::Refused
        )
    }

    /// Looks a name up in lists, each with names between spaces.
    pub(super) fn in_lists(name: &str, lists: &[(&str, Self)]) -> Option<Self> {
        let has_name = |names: &str| names.split_whitespace().any(|known| known == name);
        let list = lists.iter().find(|(names, _)| has_name(names));
        list.map(|&(_, meaning)| meaning)
    }
}

/// Returns the meaning of an option of curl; `None` if it is not known.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    Meaning::in_lists(name, LISTS).or_else(|| {
        // `--no-NAME` switches an option without a value off, as if it were not there.
        let positive = format!("--{}", name.strip_prefix("--no-")?);
        match Meaning::in_lists(&positive, LISTS)? {
            Meaning::Ignored | Meaning::NoEffect => Some(Meaning::Ignored),
            _ => None,
        }
    })
}

pub(super) const LISTS: &[(&str, Meaning)] = &[
    ("-H --header", Meaning::Header),
    ("-b --cookie", Meaning::Cookie),
    ("-A --user-agent", Meaning::HeaderNamed("User-Agent")),
    ("-e --referer", Meaning::HeaderNamed("Referer")),
    ("--oauth2-bearer", Meaning::Bearer),
    ("-X --request", Meaning::Option("request")),
    ("-u --user", Meaning::Option("user")),
    ("-x --proxy", Meaning::Option("proxy")),
    ("--socks4", Meaning::Proxy("socks4")),
    ("--socks4a", Meaning::Proxy("socks4a")),
    ("--socks5", Meaning::Proxy("socks5")),
    ("--socks5-hostname", Meaning::Proxy("socks5h")),
    ("--cacert", Meaning::Option("cacert")),
    ("-E --cert", Meaning::Option("cert")),
    ("--key", Meaning::Option("key")),
    ("--unix-socket", Meaning::Option("unix-socket")),
    ("--resolve", Meaning::Option("resolve")),
    ("--connect-timeout", Meaning::Option("connect-timeout")),
    ("--json", Meaning::Option("json")),
    ("-k --insecure", Meaning::Flag("insecure")),
    ("-d --data --data-ascii", Meaning::Data),
    ("--data-raw", Meaning::DataRaw),
    ("--data-binary", Meaning::DataBinary),
    ("--data-urlencode", Meaning::DataUrlencode),
    ("-G --get", Meaning::Get),
    ("--url", Meaning::Url),
    (OUTPUT, Meaning::Ignored),
    (TRANSFER, Meaning::Ignored),
    (OF_OTHER_SCHEMES, Meaning::Ignored),
    (OUTPUT_WITH_VALUE, Meaning::IgnoredWithValue),
    (TRANSFER_WITH_VALUE, Meaning::IgnoredWithValue),
    (OF_OTHER_SCHEMES_WITH_VALUE, Meaning::IgnoredWithValue),
    (NO_EFFECT, Meaning::NoEffect),
    (NO_EFFECT_OF_PROXY, Meaning::NoEffect),
    (NO_EFFECT_WITH_VALUE, Meaning::NoEffectWithValue),
    (NO_EFFECT_OF_PROXY_WITH_VALUE, Meaning::NoEffectWithValue),
    (REFUSED, Meaning::Refused),
    (REFUSED_WITH_VALUE, Meaning::RefusedWithValue),
];

/// Options about the output of curl.
const OUTPUT: &str = "-s --silent -S --show-error -N --no-buffer --buffer -i --include --show-headers -v --verbose \
    -# --progress-bar --progress-meter -O --remote-name --remote-name-all -J --remote-header-name -R --remote-time \
    --remove-on-error --create-dirs --no-clobber --clobber --skip-existing --out-null --xattr --trace-time --trace-ids \
    --styled-output --suppress-connect-headers";

const OUTPUT_WITH_VALUE: &str = "-o --output --output-dir -w --write-out -D --dump-header -c --cookie-jar --stderr --trace \
    --trace-ascii --trace-config --libcurl --create-file-mode --etag-save --hsts --alt-svc";

/// Options about the transfer, which Feedscope does in its own way or with its own options.
const TRANSFER: &str = "-L --location -f --fail --fail-with-body --fail-early -g --globoff --compressed --tr-encoding \
    --http0.9 -0 --http1.0 --http1.1 --http2 --http2-prior-knowledge --http3 --http3-only -q --disable \
    -j --junk-session-cookies --retry-all-errors --retry-connrefused -Z --parallel --parallel-immediate --keepalive \
    --tcp-nodelay --tcp-fastopen --alpn --npn --sessionid --post301 --post302 --post303 --basic -1 --tlsv1 --tlsv1.0 \
    --tlsv1.1 --tlsv1.2 --disallow-username-in-url";

const TRANSFER_WITH_VALUE: &str = "-m --max-time --retry --retry-delay --retry-max-time --max-redirs --max-filesize \
    --limit-rate --rate -y --speed-time -Y --speed-limit --keepalive-time --keepalive-cnt --expect100-timeout \
    --happy-eyeballs-timeout-ms --parallel-max --parallel-max-host --egd-file --random-file --ip-tos --vlan-priority";

/// They make no difference to HTTP.
const OF_OTHER_SCHEMES: &str = "-a --append -B --use-ascii -l --list-only --crlf --compressed-ssh --disable-eprt \
    --disable-epsv --eprt --epsv --ftp-create-dirs --ftp-pasv --ftp-pret --ftp-skip-pasv-ip --ftp-ssl-ccc --ftp-ssl-control \
    --mail-rcpt-allowfails --sasl-ir --ssl --ssl-reqd --tftp-no-options";

const OF_OTHER_SCHEMES_WITH_VALUE: &str = "--ftp-account --ftp-alternative-to-user --ftp-method -P --ftp-port \
    --ftp-ssl-ccc-mode --hostpubmd5 --hostpubsha256 --ipfs-gateway --krb --login-options --mail-auth --mail-from --mail-rcpt \
    --pubkey -Q --quote --sasl-authzid -t --telnet-option --tftp-blksize --upload-flags";

const NO_EFFECT: &str = "--anyauth -n --netrc --netrc-optional -4 --ipv4 -6 --ipv6 --location-trusted --follow \
    --cert-status --tlsv1.3 -2 --sslv2 -3 --sslv3 --ca-native --haproxy-protocol --path-as-is --raw --ignore-content-length \
    --mptcp --doh-insecure --doh-cert-status --false-start --ssl-allow-beast --ssl-auto-client-cert --ssl-no-revoke \
    --ssl-revoke-best-effort --tls-earlydata --metalink --form-escape --dump-ca-embed -h --help -M --manual -V --version";

const NO_EFFECT_WITH_VALUE: &str = "--capath --cert-type --key-type --pass --engine --ciphers --tls13-ciphers --curves \
    --sigalgs --signature-algorithms --crlfile --pinnedpubkey --tls-max --tlsauthtype --tlspassword --tlsuser --ech \
    --dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers --doh-url --netrc-file --delegation --service-name \
    --haproxy-clientip --local-port --proto --proto-default --proto-redir -r --range -C --continue-at -z --time-cond \
    --etag-compare";

const NO_EFFECT_OF_PROXY: &str = "-p --proxytunnel --proxy-anyauth --proxy-basic --proxy-digest --proxy-negotiate \
    --proxy-ntlm --proxy-insecure --proxy-tlsv1 --proxy-http2 --proxy-ca-native --proxy-ssl-allow-beast \
    --proxy-ssl-auto-client-cert --socks5-basic --socks5-gssapi --socks5-gssapi-nec";

const NO_EFFECT_OF_PROXY_WITH_VALUE: &str = "--noproxy -U --proxy-user --proxy-cacert --proxy-capath --proxy-cert \
    --proxy-cert-type --proxy-ciphers --proxy-crlfile --proxy-header --proxy-key --proxy-key-type --proxy-pass \
    --proxy-pinnedpubkey --proxy-service-name --proxy-tls13-ciphers --proxy-tlsauthtype --proxy-tlspassword --proxy-tlsuser \
    --socks5-gssapi-service";

/// With `--digest` and its like, the password would be sent in another form than the line wants.
const REFUSED: &str = "-I --head --digest --negotiate --ntlm --ntlm-wb -: --next";

const REFUSED_WITH_VALUE: &str = "-F --form --form-string -T --upload-file -K --config --request-target --url-query \
    --variable --aws-sigv4 --abstract-unix-socket --connect-to --interface --preproxy --proxy1.0";
