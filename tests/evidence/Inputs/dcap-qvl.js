// SPDX-License-Identifier: Apache-2.0
// Runs @phala/dcap-qvl, which others wrote, over the TDX part of a corpus of tools/evidence-corpus, as verify/main.go does
// it with its verifiers; with --intel under Intel's own root.
// Usage: dcap-qvl.js [--intel] NODE_MODULES CORPUS [BITS]
const fs = require('fs');
const path = require('path');
const words = process.argv.slice(2);
const intel = words[0] === '--intel' && words.shift();
const [modules, corpus, most] = words;
const { QuoteVerifier } = require(path.join(path.resolve(modules), '@phala/dcap-qvl'));
const index = JSON.parse(fs.readFileSync(path.join(corpus, 'index.json')));

// What is signed in an answer of the PCS, as it stands there, and its signature.
function answer(data) {
    const text = data.toString('latin1');
    const end = text.lastIndexOf(',"signature":"');
    return [text.slice(text.indexOf(':') + 1, end), text.slice(end + 14, -2)];
}

function verify(files, expect) {
    const [tcbInfo, tcbSignature] = answer(files.tcb_info);
    const [identity, identitySignature] = answer(files.qe_identity);
    const verifier = intel ? QuoteVerifier.newProd() : QuoteVerifier.newWithRootCa(files.root);
    const verified = verifier.verify(files.quote, {
        tcb_info: tcbInfo, tcb_info_signature: tcbSignature, tcb_info_issuer_chain: files.tcb_chain.toString('latin1'),
        qe_identity: identity, qe_identity_signature: identitySignature,
        qe_identity_issuer_chain: files.tcb_chain.toString('latin1'),
        root_ca_crl: files.root_crl, pck_crl: files.pck_crl, pck_crl_issuer_chain: files.pck_crl_chain.toString('latin1'),
    }, index.time);
    if (verified.status !== 'UpToDate')
        throw new Error(verified.status); // for its user to judge, as the next two
    const body = verified.report.asTd10();
    if (Buffer.from(body.reportData).toString('hex') !== expect.report_data)
        throw new Error('report data');
    if (Buffer.from(body.mrTd).toString('hex') !== expect.mrtd)
        throw new Error('MRTD');
}

function refusal(files, expect) {
    try {
        verify(files, expect);
    } catch (error) {
        return [error.message, error.cause?.message].filter(Boolean).join(': ');
    }
    return null;
}

const cases = {};
for (const c of index.cases.filter((c) => c.name.startsWith('tdx/'))) {
    cases[c.name] = c;
    c.data = {};
    for (const [role, name] of Object.entries(c.files))
        c.data[role] = fs.readFileSync(path.join(corpus, name));
    const why = refusal(c.data, c.expect);
    console.log(why === null ? `${c.name} accept` : `${c.name} refuse: ${why}`);
}
for (const m of index.mutations.filter((m) => cases[m.case])) {
    const { data, expect } = cases[m.case];
    const bits = m.bits.slice(0, most === undefined ? m.bits.length : Number(most));
    const accepted = bits.filter((bit) => {
        const changed = Buffer.from(data[m.file]);
        changed[bit >> 3] ^= 1 << (bit & 7);
        return refusal({ ...data, [m.file]: changed }, expect) === null;
    });
    console.log(`${m.case} ${m.file} ${bits.length - accepted.length} of ${bits.length} refuse` +
        accepted.map((bit) => ` (bit ${bit})`).join(''));
}
