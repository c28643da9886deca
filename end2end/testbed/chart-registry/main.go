// A registry for charts: the reference implementation of the distribution specification as a library, with its memory
// as storage, on one address of the loopback interface.
//
// One argument names a file with settings. Who may come in is decided by the registry itself: everybody, whoever knows
// a name and a password (`basic`), or whoever got a token for these (`token`); the tokens' server is in tokens.go.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"golang.org/x/crypto/bcrypt"
)

const realm = "testbed"

type settings struct {
	// Where the registry listens.
	Address string `json:"address"`
	// PEM files; without them there is no TLS.
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	// "", "basic" or "token"
	Access   string `json:"access"`
	Name     string `json:"name"`
	Password string `json:"password"`
	// Where the server of tokens listens.
	TokenAddress string `json:"tokenAddress"`
}

func main() {
	wanted, folder := read(os.Args[1])
	config := &configuration.Configuration{Storage: configuration.Storage{"inmemory": configuration.Parameters{}}}
	config.Log.Level = "warn"
	config.Catalog.MaxEntries = 1000
	config.HTTP.Addr = wanted.Address
	config.HTTP.TLS.Certificate = wanted.Certificate
	config.HTTP.TLS.Key = wanted.Key
	switch wanted.Access {
	case "basic":
		config.Auth = configuration.Auth{"htpasswd": {"realm": realm, "path": passwords(wanted, folder)}}
	case "token":
		config.Auth = configuration.Auth{"token": serveTokens(wanted, folder)}
	}
	served, err := registry.NewRegistry(context.Background(), config)
	check(err)
	check(served.ListenAndServe())
}

func read(path string) (settings, string) {
	var wanted settings
	text, err := os.ReadFile(path)
	check(err)
	check(json.Unmarshal(text, &wanted))
	return wanted, filepath.Dir(path)
}

// The registry reads names and passwords from a file in Apache's format.
func passwords(wanted settings, folder string) string {
	hash, err := bcrypt.GenerateFromPassword([]byte(wanted.Password), bcrypt.MinCost)
	check(err)
	path := filepath.Join(folder, "htpasswd")
	check(os.WriteFile(path, []byte(wanted.Name+":"+string(hash)+"\n"), 0o600))
	return path
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
