// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-tdx-guest/abi"
	pb "github.com/google/go-tdx-guest/proto/tdx"
	"github.com/google/go-tdx-guest/validate"
	"github.com/google/go-tdx-guest/verify"
)

// A case's files, in place of Intel's service.
type pcs struct{ *corpusCase }

func (s pcs) Get(address string) (map[string][]string, []byte, error) {
	answer := func(header, chain, body string) (map[string][]string, []byte, error) {
		return map[string][]string{header: {url.QueryEscape(string(s.data[chain]))}}, s.data[body], nil
	}
	switch {
	case strings.Contains(address, "/tcb?fmspc="):
		return answer("Tcb-Info-Issuer-Chain", "tcb_chain", "tcb_info")
	case strings.HasSuffix(address, "/qe/identity"):
		return answer("Sgx-Enclave-Identity-Issuer-Chain", "tcb_chain", "qe_identity")
	case strings.Contains(address, "/pckcrl?ca=platform"):
		return answer("Sgx-Pck-Crl-Issuer-Chain", "pck_crl_chain", "pck_crl")
	case strings.HasSuffix(address, "/IntelSGXRootCA.der"):
		return nil, s.data["root_crl"], nil
	}
	return nil, nil, fmt.Errorf("nothing at %s", address)
}

func verifyTdx(c *corpusCase, at time.Time) error {
	root, err := x509.ParseCertificate(c.data["root"])
	if err != nil {
		return err
	}
	var roots *x509.CertPool // none: the one that is built in
	if !*vendor {
		roots = x509.NewCertPool()
		roots.AddCert(root)
	}
	parsed, err := abi.QuoteToProto(c.data["quote"])
	if err != nil {
		return err
	}
	quote := parsed.(*pb.QuoteV4)
	if err := verify.TdxQuote(quote, &verify.Options{
		CheckRevocations: true, GetCollateral: true, Getter: pcs{c}, Now: at, TrustedRoots: roots,
	}); err != nil {
		return err
	}
	if quote.GetTdQuoteBody().GetTdAttributes()[0]&1 != 0 && !c.Expect.Debug {
		return errors.New("the TD may be debugged") // for its user to ask
	}
	return validate.TdxQuote(quote, &validate.Options{TdQuoteBodyOptions: validate.TdQuoteBodyOptions{
		ReportData: unhex(c.Expect.ReportData), MrTd: unhex(c.Expect.Mrtd)}})
}
