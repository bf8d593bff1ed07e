// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"
	"github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/validate"
	"github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
)

// The line of processors, of the root's name: ARK-Milan.
func lineOf(ark []byte) (string, error) {
	root, err := x509.ParseCertificate(ark)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(root.Subject.CommonName, "ARK-"), nil
}

// The list of revoked certificates, in place of AMD's service.
type crlGetter []byte

func (crl crlGetter) Get(string) ([]byte, error) { return crl, nil }

// In the ASK's place or the ASVK's, by its name, as go-sev-guest itself does it. It wants an ASK beside an ASVK: it takes the
// address of the list from there, and panics where there is none.
func trusted(c *corpusCase, line string) (*trust.AMDRootCerts, error) {
	root := trust.AMDRootCertsProduct(line)
	if err := root.Decode(c.data["intermediate"], c.data["ark"]); err != nil {
		return nil, err
	}
	if ask, ok := c.data["ask"]; ok && root.ProductCerts.Ask == nil {
		return root, root.ProductCerts.Decode(ask, c.data["ark"])
	}
	return root, nil
}

func verifySnp(c *corpusCase, at time.Time) error {
	line, err := lineOf(c.data["ark"])
	if err != nil {
		return err
	}
	root, err := trusted(c, line)
	if err != nil {
		return err
	}
	// Left to the caller, who may have the certificates behind it.
	if len(c.data["report"]) > abi.ReportSize {
		return errors.New("bytes behind the report")
	}
	report, err := abi.ReportToProto(c.data["report"])
	if err != nil {
		return err
	}
	attestation := &sevsnp.Attestation{Report: report, CertificateChain: &sevsnp.CertificateChain{
		VcekCert: c.data["leaf"], VlekCert: c.data["leaf"]}}
	if err := verify.SnpAttestation(attestation, &verify.Options{
		TrustedRoots:        map[string][]*trust.AMDRootCerts{line: {root}},
		DisableCertFetching: true, CheckRevocations: true, Getter: crlGetter(c.data["crl"]), Now: at,
	}); err != nil {
		return err
	}
	return validate.SnpAttestation(attestation, &validate.Options{
		GuestPolicy: abi.SnpPolicy{SMT: true, Debug: c.Expect.Debug},
		ReportData:  unhex(c.Expect.ReportData), Measurement: unhex(c.Expect.Measurement), VMPL: &c.Expect.Vmpl,
		MinimumTCB: kds.DecomposeTCBVersion(kds.TCBVersion(c.Expect.MinimumTcb)),
	})
}
