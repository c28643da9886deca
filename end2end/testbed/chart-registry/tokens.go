package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/go-jose/go-jose/v4"
)

const keyName = "testbed"

// Starts the server of tokens, and says how the registry knows its tokens. It gives whoever has the name and the
// password what is asked for; whoever says nothing gets a token for nothing, as public registries do.
func serveTokens(wanted settings, folder string) configuration.Parameters {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: keyName}}
	signer, err := jose.NewSigner(key, nil)
	check(err)
	listener, err := net.Listen("tcp", wanted.TokenAddress)
	check(err)
	go func() {
		check(http.Serve(listener, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			if request.Method != http.MethodGet {
				// Clients that know a newer way ask by POST first, and then in this one.
				http.Error(answer, "ask by GET", http.StatusMethodNotAllowed)
				return
			}
			name, password, given := request.BasicAuth()
			if given && !(same(name, wanted.Name) && same(password, wanted.Password)) {
				http.Error(answer, "wrong name or password", http.StatusUnauthorized)
				return
			}
			var access []*token.ResourceActions
			if given {
				access = scopes(request.URL.Query()["scope"])
			}
			now := time.Now()
			claims, err := json.Marshal(token.ClaimSet{
				Issuer: realm, Subject: name, Audience: token.AudienceList{request.URL.Query().Get("service")},
				Expiration: now.Add(time.Minute).Unix(), NotBefore: now.Add(-time.Minute).Unix(), IssuedAt: now.Unix(),
				Access: access,
			})
			check(err)
			signed, err := signer.Sign(claims)
			check(err)
			text, err := signed.CompactSerialize()
			check(err)
			answer.Header().Set("Content-Type", "application/json")
			check(json.NewEncoder(answer).Encode(map[string]any{"token": text, "expires_in": 60}))
		})))
	}()
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: keyName}}})
	check(err)
	path := filepath.Join(folder, "keys.json")
	check(os.WriteFile(path, keys, 0o600))
	return configuration.Parameters{
		"realm": "http://" + wanted.TokenAddress + "/token", "service": realm, "issuer": realm, "jwks": path,
	}
}

// `repository:team/web:pull,push`, several of them apart by blanks or as several parameters.
func scopes(asked []string) []*token.ResourceActions {
	var found []*token.ResourceActions
	for _, scope := range strings.Fields(strings.Join(asked, " ")) {
		kind, rest, _ := strings.Cut(scope, ":")
		end := strings.LastIndex(rest, ":")
		if end < 0 {
			continue
		}
		actions := strings.Split(rest[end+1:], ",")
		found = append(found, &token.ResourceActions{Type: kind, Name: rest[:end], Actions: actions})
	}
	return found
}

func same(given, wanted string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(wanted)) == 1
}
