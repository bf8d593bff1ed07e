// SPDX-License-Identifier: Apache-2.0

// verify runs go-sev-guest and go-tdx-guest, which others wrote, over a corpus of tools/evidence-corpus: each case, and
// each bit of its mutations (or so many of each structure). A line for each:
//
//	snp/good-v5 accept
//	snp/expired refuse: ...
//	snp/good-v5 report 1000 of 1000 refuse
//
// Usage: verify [--vendor] CORPUS [BITS]
//
//	--vendor    only TDX, under the root that go-tdx-guest has built in
package main

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/logger"
)

type corpusCase struct {
	Name   string
	Files  map[string]string
	Expect struct {
		ReportData  string `json:"report_data"`
		Measurement string
		Mrtd        string
		Debug       bool
		Vmpl        int
		MinimumTcb  uint64 `json:"minimum_tcb"`
	}
	data map[string][]byte
}

type corpusIndex struct {
	Time      int64
	Cases     []*corpusCase
	Mutations []struct {
		Case string
		File string
		Bits []int
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(2)
	}
	return value
}

func unhex(text string) []byte {
	if text == "" {
		return nil
	}
	return must(hex.DecodeString(text))
}

func load(folder string) *corpusIndex {
	var index corpusIndex
	must(0, json.Unmarshal(must(os.ReadFile(filepath.Join(folder, "index.json"))), &index))
	for _, c := range index.Cases {
		c.data = map[string][]byte{}
		for role, name := range c.Files {
			c.data[role] = must(os.ReadFile(filepath.Join(folder, name)))
		}
	}
	return &index
}

var vendor = flag.Bool("vendor", false, "")

// A verifier may meet what makes it panic, which refuses nothing.
func (c *corpusCase) verdict(at time.Time) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("PANIC: %v", what)
		}
	}()
	if strings.HasPrefix(c.Name, "snp/") {
		return verifySnp(c, at)
	}
	return verifyTdx(c, at)
}

func flipped(data []byte, bit int) []byte {
	changed := append([]byte{}, data...)
	changed[bit/8] ^= 1 << (bit % 8)
	return changed
}

func mutate(c *corpusCase, file string, bits []int, at time.Time) {
	good, refused, other := c.data[file], 0, ""
	for _, bit := range bits {
		c.data[file] = flipped(good, bit)
		err := c.verdict(at)
		if err != nil && !strings.HasPrefix(err.Error(), "PANIC") {
			refused++
		} else {
			other += fmt.Sprintf(" (bit %d: %v)", bit, err)
		}
	}
	c.data[file] = good
	fmt.Printf("%s %s %d of %d refuse%s\n", c.Name, file, refused, len(bits), other)
}

func main() {
	logger.Init("", false, false, io.Discard)
	flag.Parse()
	index := load(flag.Arg(0))
	at := time.Unix(index.Time, 0)
	named := map[string]*corpusCase{}
	for _, c := range index.Cases {
		named[c.Name] = c
		if *vendor && !strings.HasPrefix(c.Name, "tdx/") {
			continue
		}
		if err := c.verdict(at); err != nil {
			fmt.Printf("%s refuse: %s\n", c.Name, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Printf("%s accept\n", c.Name)
		}
	}
	for _, m := range index.Mutations {
		if flag.NArg() > 1 {
			m.Bits = m.Bits[:min(len(m.Bits), must(strconv.Atoi(flag.Arg(1))))]
		}
		mutate(named[m.Case], m.File, m.Bits, at)
	}
}
