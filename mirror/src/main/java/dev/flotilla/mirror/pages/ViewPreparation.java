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
import dev.flotilla.mirror.simple.RootList;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.wheels.WheelIndex;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

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
    private final Wheelhouse wheels;

    ViewPreparation(DirectMemory memory, Policy policy, Wheelhouse wheels) {
        bodies = new PreparedBodies(memory);
        this.policy = policy;
        this.wheels = wheels;
    }

    /** What the page of {@code name} in {@code view} is made of, where the project's own page has the entity tag {@code tag}. */
    String base(ProjectName name, View view, String tag) {
        return view instanceof View.Overlay(String platform) ? base(name, wheels.index(platform), tag) : tag;
    }

    private static String base(ProjectName name, Optional<WheelIndex> index, String tag) {
        return tag + "+"
                + index.flatMap(one -> one.entry(name))
                        .map(entry -> entry.digest().hex())
                        .orElse("");
    }

    /** The page of {@code name} that {@code key} means, made of {@code json}, whose entity tag is {@code tag}; its body is lent to the caller. */
    ViewPage page(ViewPage.Key key, ProjectName name, String tag, byte[] json, Instant now) {
        ProjectPage page = parsed(name, json);
        if (key.view() instanceof View.Overlay(String platform)) {
            Optional<WheelIndex> index = wheels.index(platform);
            ProjectPage joined = index.map(one -> one.joined(page)).orElse(page);
            return page(key, joined, base(name, index, tag), now);
        }
        return page(key, page, tag, now);
    }

    private ViewPage page(ViewPage.Key key, ProjectPage page, String base, Instant now) {
        Judgement judgement = policy.judge(page, key.view(), now);
        var body = bodies.body(
                key.variant(),
                (form, out) -> PageRenderer.write(judgement.shown(), FileLinks.relative(), form, out),
                Compression.DIGESTS);
        return new ViewPage(body, base, judgement.changes());
    }

    /** What the page of wheels alone that {@code key} means is made of; empty where there is no such page. */
    Optional<String> base(ViewPage.Key key, String platform) {
        Optional<WheelIndex> index = wheels.index(platform);
        return switch (key.page()) {
            case PageKey.Project(ProjectName name) ->
                index.flatMap(one -> one.entry(name))
                        .map(entry -> entry.digest().hex());
            case PageKey.RootList ignored ->
                Optional.of(index.map(one -> one.digest().hex()).orElse(""));
            case PageKey.Provenance ignored -> throw new IllegalStateException("provenance is the same in all views");
        };
    }

    /** That page, whose body is lent to the caller; empty where it is gone. */
    Optional<ViewPage> wheels(ViewPage.Key key, String platform, Instant now) {
        Optional<WheelIndex> index = wheels.index(platform);
        return switch (key.page()) {
            case PageKey.Project(ProjectName name) ->
                index.flatMap(one -> one.entry(name))
                        .map(entry -> page(key, entry.page(), entry.digest().hex(), now));
            case PageKey.RootList ignored -> {
                RootList list = RootList.of(index.map(one -> one.projects().keySet()).orElse(Set.of()).stream()
                        .filter(policy::admits)
                        .toList());
                yield Optional.of(new ViewPage(
                        bodies.body(key.variant(), list::write, Compression.WORDS),
                        index.map(one -> one.digest().hex()).orElse(""),
                        Optional.empty()));
            }
            case PageKey.Provenance ignored -> throw new IllegalStateException("provenance is the same in all views");
        };
    }

    /** When the index of wheels was made. */
    Optional<Instant> made(String platform) {
        return wheels.index(platform).map(WheelIndex::made);
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
