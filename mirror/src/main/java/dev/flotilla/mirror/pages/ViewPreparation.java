package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.Judgement;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FileLinks;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.Limits;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.PageParsing;
import dev.flotilla.mirror.simple.PageRenderer;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.time.Instant;

/**
 * Makes pages in views of the JSON in which this mirror offers them, and judges single files by it. Takes its time: for
 * workers only.
 */
final class ViewPreparation {
    /** Links are relative, so any place does: they are rendered relative again. */
    private static final String PLACE = "http://localhost/simple/";

    private final PreparedBodies bodies;
    private final PageParser parser = new PageParser(Limits.ofOwnPages());
    private final Policy policy;

    ViewPreparation(DirectMemory memory, Policy policy) {
        bodies = new PreparedBodies(memory);
        this.policy = policy;
    }

    /** The page {@code key} made of {@code json}, whose entity tag is {@code tag}; its body is lent to the caller. */
    ViewPage page(ViewPage.Key key, String tag, byte[] json, Instant now) {
        Judgement judgement = policy.judge(parsed(key.name(), json), key.view(), now);
        var body = bodies.body(
                key.variant(),
                (form, out) -> PageRenderer.write(judgement.shown(), FileLinks.relative(), form, out),
                Compression.DIGESTS);
        return new ViewPage(body, tag, judgement.changes());
    }

    /** What the page of {@code name} says of {@code file} in {@code view}. */
    Verdict verdict(ProjectName name, byte[] json, FilePath file, View view, Instant now) {
        var page = parsed(name, json);
        return page.named(file)
                .map(found -> policy.judge(page, found, view, now)
                        .<Verdict>map(
                                hidden -> new Verdict.Withheld(hidden.rule().token(), hidden.until()))
                        .orElseGet(Verdict.Shown::new))
                .orElseGet(() -> new Verdict.Unnamed());
    }

    private ProjectPage parsed(ProjectName name, byte[] json) {
        return switch (parser.parse(PageForm.JSON, json, URI.create(PLACE + name.normal() + "/"), name)) {
            case PageParsing.Parsed parsed when parsed.droppedCount() == 0 -> parsed.page();
            case PageParsing.Parsed parsed ->
                throw new IllegalStateException("a page of our own has a bad entry: "
                        + parsed.dropped().stream().findFirst());
            case PageParsing.Unreadable unreadable ->
                throw new IllegalStateException("a page of our own can't be read: " + unreadable.reason());
        };
    }
}
