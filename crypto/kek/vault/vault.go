// Package vault opens a key-encryption key in the transit engine of HashiCorp
// Vault, by way of Tink's binding. The key never leaves Vault; Vault sees each
// keyset while it encrypts or decrypts it.
//
//	key, err := vault.Open(vault.Config{Key: "kouki"}) // VAULT_ADDR, VAULT_TOKEN
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), key)
//
// # For the security officer
//
// Make the key once. It is not exportable unless somebody says so:
//
//	vault secrets enable transit
//	vault write transit/keys/kouki type=aes256-gcm96
//
// A program that opens keyrings needs one permission; one that also creates and
// rotates them needs two:
//
//	path "transit/decrypt/kouki" { capabilities = ["update"] }
//	path "transit/encrypt/kouki" { capabilities = ["update"] }
//
// Do not give "create" on transit/encrypt: with it Vault makes a new key for each
// name that it does not know, so a misspelt name would make a key instead of an
// error. "sudo", "read" and transit/export, transit/rewrap and transit/datakey are
// not needed.
//
// # Associated data
//
// Associated data goes to Vault as associated_data, which the engine hands to
// AES-GCM (or ChaCha20-Poly1305) as additional data. Two things can go wrong, and
// neither goes unseen:
//
//   - Vault before 1.12 does not know associated_data and ignores it.
//     crypto.CreateKeyring and crypto.OpenKeyring find that with their self-test
//     and refuse *vault.transitKEK by name.
//   - Keys of other types (rsa-*, ecdsa-*, ed25519) have no associated data.
//     Vault refuses it, so encrypting fails with kek.ReasonEncrypt.
//
// Tink's client NewClient sends it as context instead, which Vault ignores for
// every key that was not made with derived=true. It is not used here. A key that
// was made with derived=true wants a context and so does not work with this
// package.
//
// # Rotation in Vault
//
// After vault write -f transit/keys/kouki/rotate, what is new is encrypted under
// the new version, and what is old still opens, as long as min_decryption_version
// lets it.
//
// # What is not promised
//
// Vault's transit engine counts no uses. A sealed Vault, a lost network and a
// token that has run out are errors (kek.ReasonUnavailable, kek.ReasonDenied);
// the keyring bridges outages, not this package. The token is the client's to
// renew.
package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/tink-crypto/tink-go-hcvault/v2/integration/hcvault"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

// Config says which key of which Vault. Only Key is needed.
type Config struct {
	// Key is the name of the key in the transit engine.
	Key string

	// Mount is the path of the transit engine; empty stands for "transit".
	Mount string

	// Client is an authenticated client; nil stands for one made from the
	// environment: VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE, VAULT_CACERT and the
	// others that the vault command knows.
	Client *api.Client

	// Timeout is for one request, its repetitions included, of a client from the
	// environment; 0 stands for 10 seconds.
	Timeout time.Duration
}

const defaultTimeout = 10 * time.Second

// transitKEK is a key in Vault's transit engine.
type transitKEK struct{ *kek.Service }

// Open returns the key. It does not talk to Vault: the first use does. Vault is
// reached by https, or at a loopback address: over anything else the keysets
// would be in clear on the network. Errors are *kek.Error.
func Open(c Config) (tink.AEAD, error) {
	if c.Mount == "" {
		c.Mount = "transit"
	}
	path := c.Mount + "/keys/" + c.Key
	refuse := func(detail string) error {
		return &kek.Error{Door: "vault", Path: path, Reason: kek.ReasonConfig, Detail: detail}
	}
	if !names.MatchString(c.Key) {
		return nil, refuse("the key's name: want letters, digits, -, _ and . only")
	}
	for _, part := range strings.Split(c.Mount, "/") {
		if !names.MatchString(part) {
			return nil, refuse("the mount: want a path such as transit or a/b, without / at the ends")
		}
	}
	if c.Client == nil {
		client, err := fromEnvironment(c.Timeout)
		if err != nil {
			return nil, refuse(err.Error())
		}
		c.Client = client
	}
	if !private(c.Client.Address()) {
		return nil, refuse("VAULT_ADDR is neither https nor a loopback address")
	}
	a, err := hcvault.NewAEAD("/"+path, c.Client.Logical())
	if err != nil {
		return nil, refuse("no path of a transit key")
	}
	return &transitKEK{kek.NewService("vault", path, canonical{a}, reason)}, nil
}

// names has no segment that a server might resolve, such as "..".
var names = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]*$`)

func fromEnvironment(timeout time.Duration) (*api.Client, error) {
	config := api.DefaultConfig()
	if config.Error != nil {
		return nil, fmt.Errorf("VAULT_* cannot be read: %s", oneLine(config.Error))
	}
	client, err := api.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("no client from VAULT_*: %s", oneLine(err))
	}
	if client.Token() == "" {
		return nil, errors.New("VAULT_TOKEN is empty")
	}
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	client.SetClientTimeout(timeout)
	return client, nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// private reports whether nobody but the two ends sees what is sent.
func private(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "unix" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// canonical takes the one spelling of a ciphertext that Vault writes. Vault's own
// decoder skips line ends and loose bits of base64, so that several texts would
// open as one.
type canonical struct{ tink.AEAD }

var errSpelling = errors.New("not a ciphertext as Vault writes it")

var version = regexp.MustCompile(`^vault:v[1-9][0-9]{0,8}:$`)

// Decrypt implements tink.AEAD.
func (c canonical) Decrypt(ciphertext, ad []byte) ([]byte, error) {
	i := bytes.LastIndexByte(ciphertext, ':')
	if i < 0 || !version.Match(ciphertext[:i+1]) || bytes.ContainsAny(ciphertext, "\r\n") {
		return nil, errSpelling
	}
	if raw, err := base64.StdEncoding.Strict().DecodeString(string(ciphertext[i+1:])); err != nil || len(raw) == 0 {
		return nil, errSpelling
	}
	return c.AEAD.Decrypt(ciphertext, ad)
}

// reason finds out whether Vault refused, or was not there to ask.
func reason(err error) kek.Reason {
	if errors.Is(err, errSpelling) {
		return kek.ReasonMalformed
	}
	var answer *api.ResponseError
	switch {
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusUnauthorized):
		return kek.ReasonDenied
	case errors.As(err, &answer) && (answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests):
		return kek.ReasonUnavailable // 503 is a sealed Vault
	case errors.As(err, &answer):
		return kek.ReasonUnknown
	}
	var network *url.Error
	if errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) {
		return kek.ReasonUnavailable
	}
	return kek.ReasonUnknown
}
