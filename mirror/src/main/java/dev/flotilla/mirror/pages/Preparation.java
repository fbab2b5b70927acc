package dev.flotilla.mirror.pages;

import com.github.luben.zstd.ZstdInputStream;
import dev.flotilla.mirror.policy.Judgement;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FileLinks;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.PageParsing;
import dev.flotilla.mirror.simple.PageRenderer;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.simple.ProvenanceDocument;
import dev.flotilla.mirror.simple.RootList;
import dev.flotilla.mirror.simple.RootListParser;
import dev.flotilla.mirror.simple.RootListParsing;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.store.StoredPage;
import dev.flotilla.vocabulary.ProjectName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes prepared pages of stored ones: parsed, rendered with relative links, compressed. Takes its time: for workers only. */
final class Preparation {
    private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);

    /** What the relative links of our own root list are read against; nothing of it gets into a page. */
    private static final URI ROOT_LIST = URI.create("http://localhost/simple/");

    private final PreparedBodies bodies;
    private final PageParser pages;
    private final RootListParser rootLists;
    private final Policy policy;

    Preparation(DirectMemory memory, PageParser pages, RootListParser rootLists, Policy policy) {
        bodies = new PreparedBodies(memory);
        this.pages = pages;
        this.rootLists = rootLists;
        this.policy = policy;
    }

    /** What came of preparing a page. */
    sealed interface Outcome {
        /** The page in those representations that were asked for, and where it is a project's, its model. */
        record Ready(PreparedPage page, Optional<Model> model) implements Outcome {}

        /** What upstream gave is no page. */
        record Unreadable(String reason) implements Outcome {}
    }

    /** A project's page with all that upstream lists, and what of that may be shown. */
    record Model(ProjectPage page, Judgement judgement) {}

    Outcome prepare(PageKey key, StoredPage stored, Set<Variant> variants, Instant now) {
        return switch (key) {
            case PageKey.Project(ProjectName name) -> project(name, stored, variants, now);
            case PageKey.Provenance ignored -> provenance(stored, variants);
            case PageKey.RootList ignored -> rootList(stored, variants);
        };
    }

    /** Its bytes are handed on as they are: somebody else's signatures are in them. */
    private Outcome provenance(StoredPage stored, Set<Variant> variants) {
        return ProvenanceDocument.problem(stored.body())
                .<Outcome>map(problem -> new Outcome.Unreadable("as a provenance object, " + problem))
                .orElseGet(() -> new Outcome.Ready(
                        bodies.page(variants, (form, out) -> out.write(stored.body()), Compression.DIGESTS),
                        Optional.empty()));
    }

    private Outcome project(ProjectName name, StoredPage stored, Set<Variant> variants, Instant now) {
        return switch (pages.parse(stored.form(), stored.body(), stored.location(), name)) {
            case PageParsing.Unreadable unreadable -> new Outcome.Unreadable(unreadable.reason());
            case PageParsing.Parsed parsed -> {
                if (parsed.droppedCount() > 0) {
                    var first = parsed.dropped().getFirst();
                    LOG.warn(
                            "The page {} has {} entries that can't be offered, the first is {}: {}",
                            name,
                            parsed.droppedCount(),
                            first.entry(),
                            first.reason());
                }
                var model = judged(parsed.page(), View.PLAIN, now);
                var page = bodies.page(Variant.withPlain(variants), rendering(model), Compression.DIGESTS);
                yield new Outcome.Ready(page.only(variants), Optional.of(model));
            }
        };
    }

    private Model judged(ProjectPage page, View view, Instant now) {
        return new Model(page, policy.judge(page, view, now));
    }

    private Outcome rootList(StoredPage stored, Set<Variant> variants) {
        RootListParsing parsing;
        try {
            parsing = rootLists.parse(
                    stored.form(), new ByteArrayInputStream(stored.body()), stored.location(), policy::admits);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be read", impossible);
        }
        return switch (parsing) {
            case RootListParsing.Unreadable unreadable -> new Outcome.Unreadable(unreadable.reason());
            case RootListParsing.Parsed parsed -> {
                RootList list = parsed.list();
                yield new Outcome.Ready(bodies.page(variants, list::write, Compression.WORDS), Optional.empty());
            }
        };
    }

    /**
     * The root list in these representations, made of one that {@code page} has: each of them has all the names. Empty where it
     * can't be read, or is no root list.
     */
    Optional<PreparedPage> again(PreparedPage page, Set<Variant> variants) {
        return page.variants().stream()
                .findFirst()
                .flatMap(held -> page.body(held)
                        .flatMap(body -> names(held.form(), body))
                        .map(list -> bodies.page(variants, list::write, Compression.WORDS)));
    }

    private Optional<RootList> names(PageForm form, PreparedBody body) {
        try (var content = decoded(body)) {
            return rootLists.parse(form, content, ROOT_LIST) instanceof RootListParsing.Parsed parsed
                    ? Optional.of(parsed.list())
                    : Optional.empty();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be read", impossible);
        }
    }

    private static InputStream decoded(PreparedBody body) throws IOException {
        return switch (body.coding()) {
            case IDENTITY -> body.content();
            case GZIP -> new GZIPInputStream(body.content(), 8192);
            case ZSTD -> new ZstdInputStream(body.content());
        };
    }

    /** The usual representations of a page, of which {@code present} has some. */
    PreparedPage completed(PreparedPage present, Model model) {
        var usual = Variant.usual();
        var missing = Variant.withPlain(usual);
        missing.removeAll(present.variants());
        return present.with(bodies.page(missing, present, rendering(model), Compression.DIGESTS))
                .only(usual);
    }

    /** {@code page} and those {@code wanted} that it lacks, made of others of the same form; empty where it has none of a form. */
    Optional<PreparedPage> recoded(PreparedPage page, Set<Variant> wanted) {
        Map<Variant, PreparedBody> more = new HashMap<>();
        for (var variant : wanted) {
            if (page.body(variant).isPresent()) {
                continue;
            }
            Optional<PreparedBody> source = page.variants().stream()
                    .filter(held -> held.form() == variant.form())
                    .findFirst()
                    .flatMap(page::body);
            if (source.isEmpty()) {
                more.values().forEach(PreparedBody::release);
                return Optional.empty();
            }
            more.put(variant, bodies.body(variant, (form, out) -> copy(source.get(), out), Compression.DIGESTS));
        }
        return Optional.of(page.with(new PreparedPage(more)));
    }

    private static void copy(PreparedBody body, OutputStream out) throws IOException {
        try (var content = decoded(body)) {
            content.transferTo(out);
        }
    }

    private static PreparedBodies.Rendering rendering(Model model) {
        return (form, out) -> PageRenderer.write(model.judgement().shown(), FileLinks.relative(), form, out);
    }

    /**
     * What a page as it is stored shows in {@code view} and what not, of all files or those of one {@code version}; empty where
     * it is none.
     */
    Optional<Explanation.Page> explain(
            ProjectName name,
            StoredPage stored,
            View view,
            Optional<String> version,
            Instant confirmed,
            Instant freshUntil,
            Instant now) {
        if (!(pages.parse(stored.form(), stored.body(), stored.location(), name)
                instanceof PageParsing.Parsed parsed)) {
            return Optional.empty();
        }
        var page = parsed.page();
        Predicate<String> asked = version.map(page::filesOf).orElse(any -> true);
        var judgement = policy.judge(page, view, now);
        var shown = judgement.shown().files().stream()
                .filter(file -> asked.test(file.filename()))
                .toList();
        var hidden = judgement.hidden().stream()
                .filter(one -> asked.test(one.file().filename()))
                .toList();
        var withoutDigest = shown.stream()
                .filter(file -> FilePath.of(file).isEmpty())
                .map(ProjectFile::filename)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        var dropped = parsed.dropped().stream()
                .filter(entry -> asked.test(entry.entry()))
                .toList();
        return Optional.of(new Explanation.Page(
                version.map(text -> new Explanation.Version(
                        text,
                        page.lists(text),
                        shown.stream()
                                .map(ProjectFile::filename)
                                .filter(filename -> !withoutDigest.contains(filename))
                                .limit(Explanation.MOST_NAMED)
                                .toList())),
                stored.upstream(),
                page.status(),
                stored.purged(),
                stored.serial(),
                confirmed,
                Duration.between(confirmed, now),
                Optional.of(freshUntil).filter(end -> !now.isBefore(end)),
                shown.size() - withoutDigest.size(),
                hidden.stream().limit(Explanation.MOST_NAMED).toList(),
                hidden.size() + withoutDigest.size(),
                withoutDigest.stream().limit(Explanation.MOST_NAMED).toList(),
                dropped,
                version.isPresent() ? dropped.size() : parsed.droppedCount()));
    }

    /** The model of a project's page as it is stored. */
    Optional<Model> model(ProjectName name, StoredPage stored, Instant now) {
        return switch (pages.parse(stored.form(), stored.body(), stored.location(), name)) {
            case PageParsing.Parsed parsed -> Optional.of(judged(parsed.page(), View.PLAIN, now));
            case PageParsing.Unreadable ignored -> Optional.empty();
        };
    }
}
