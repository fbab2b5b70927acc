package dev.flotilla.mirror.http;

import dev.flotilla.mirror.pages.NamedFile;
import dev.flotilla.mirror.pages.NamedFiles;
import dev.flotilla.mirror.pages.PageAnswer;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.Variant;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.Negotiation;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.mirror.store.PageKey;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;

/**
 * Answers requests for provenance objects (PEP 740) as the public index's Integrity API does: upstream's bytes, for files
 * that are offered and of which the page names one.
 */
final class ProvenanceResponses {
    private final PageCache pages;
    private final NamedFiles files;
    private final FailureMapping failures;

    ProvenanceResponses(PageCache pages, NamedFiles files, FailureMapping failures) {
        this.pages = pages;
        this.files = files;
        this.failures = failures;
    }

    void answer(Exchange exchange, View view, ProvenancePath path) {
        exchange.put(HttpHeaders.VARY, Fields.VARY_ON_ACCEPT);
        var request = exchange.request();
        Optional<String> type = Negotiation.provenance(Fields.joined(request, HttpHeaders.ACCEPT));
        Optional<ContentCoding> coding = Negotiation.coding(Fields.joined(request, HttpHeaders.ACCEPT_ENCODING));
        if (type.isEmpty() || coding.isEmpty()) {
            exchange.fail(FailureMapping.provenanceNotAcceptable());
            return;
        }
        var variant = new Variant(PageForm.JSON, coding.get());
        exchange.answer(files.find(view, path.project(), path.filename()), named -> {
            switch (named) {
                case NamedFile.Offered offered -> answer(exchange, path, offered.file(), variant, type.get());
                case NamedFile.Absent absent -> exchange.fail(FailureMapping.of(absent));
                case NamedFile.Forbidden forbidden -> exchange.fail(FailureMapping.of(forbidden));
                case NamedFile.Unavailable unavailable -> exchange.fail(failures.of(unavailable));
            }
        });
    }

    private void answer(Exchange exchange, ProvenancePath asked, ProjectFile file, Variant variant, String type) {
        Optional<ProvenancePath> path = ProvenancePath.of(asked.project(), file.filename());
        if (file.provenance().isEmpty() || path.isEmpty()) {
            exchange.fail(FailureMapping.noProvenance());
            return;
        }
        exchange.answer(pages.page(new PageKey.Provenance(path.get()), variant), answer -> {
            switch (answer) {
                case PageAnswer.Served served -> PageResponses.send(exchange, served, type);
                case PageAnswer.Absent ignored -> exchange.fail(FailureMapping.noProvenance());
                case PageAnswer.Blocked blocked -> exchange.fail(FailureMapping.of(blocked));
                case PageAnswer.Private reserved -> exchange.fail(FailureMapping.of(reserved));
                case PageAnswer.Unavailable unavailable -> exchange.fail(failures.of(unavailable));
                case PageAnswer.Overloaded overloaded -> exchange.fail(failures.of(overloaded));
            }
        });
    }
}
