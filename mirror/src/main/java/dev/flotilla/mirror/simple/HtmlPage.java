package dev.flotilla.mirror.simple;

import dev.flotilla.mirror.simple.HtmlTags.Tag;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page in HTML (PEP 503, 592, 629, 658, 714, 740, 792), or a web server's listing of a folder. For one thread.
 */
final class HtmlPage {
    /** The algorithms that a link's fragment can name; other keys of a fragment are no digests. */
    private static final Set<String> ALGORITHMS = Set.of(
            "md5",
            "sha1",
            "sha224",
            "sha256",
            "sha384",
            "sha512",
            "blake2b",
            "blake2s",
            "sha3_224",
            "sha3_256",
            "sha3_384",
            "sha3_512");

    private final HtmlTags tags;
    private final PageDraft page;
    private BaseUrl base;
    private boolean baseSeen;
    private boolean apiVersionSeen;
    private @Nullable String status;
    private Optional<String> statusReason = Optional.empty();

    HtmlPage(HtmlTags tags, URI base, ProjectName name, Limits limits) {
        this.tags = tags;
        this.base = new BaseUrl(base);
        this.page = new PageDraft(name, limits);
    }

    PageParsing.Parsed parse() throws IOException, UnreadableException {
        for (Optional<Tag> tag = tags.next(); tag.isPresent(); tag = tags.next()) {
            switch (tag.get().name()) {
                case "a" -> readLink(tag.get());
                case "base" -> readBase(tag.get());
                case "meta" -> readMeta(tag.get());
                default -> {
                    // everything else is for people
                }
            }
        }
        if (!apiVersionSeen && page.entries() == 0) {
            throw new UnreadableException("neither a link to a file nor an API version: no page of the simple API");
        }
        if (status != null) {
            try {
                page.status = Optional.of(new ProjectStatus(status, statusReason, new TreeMap<>()));
            } catch (IllegalArgumentException bad) {
                throw new UnreadableException(String.valueOf(bad.getMessage()));
            }
        }
        return page.build();
    }

    private void readBase(Tag tag) {
        String href = tag.attribute("href");
        if (href == null || baseSeen) {
            return;
        }
        baseSeen = true;
        try {
            base = base.at(href);
        } catch (URISyntaxException bad) {
            page.dropped.add("<base>", bad.getReason());
        }
    }

    private void readMeta(Tag tag) throws UnreadableException {
        String name = tag.attribute("name");
        String content = tag.attribute("content");
        if (name == null || content == null) {
            return;
        }
        switch (name) {
            case "pypi:repository-version" -> {
                PageDraft.requireMajorVersion1(content);
                apiVersionSeen = true;
            }
            case "pypi:project-status" -> status = content;
            case "pypi:project-status-reason" -> statusReason = Optional.of(content);
            default -> {
                // of no concern to the model
            }
        }
    }

    /** Links that lead to no file are navigation: of a listing's header, its parent folder, its ways of sorting. */
    private void readLink(Tag tag) throws UnreadableException {
        String href = tag.attribute("href");
        if (href == null) {
            return;
        }
        String reference = href.strip();
        int hash = reference.indexOf('#');
        String target = hash < 0 ? reference : reference.substring(0, hash);
        var file = new FileDraft(base);
        if (hash >= 0) {
            readFragment(file, reference.substring(hash + 1));
        }
        String path = withoutQuery(target);
        String filename = decoded(path.substring(path.lastIndexOf('/') + 1));
        boolean leadsToFile = !filename.isEmpty()
                && (FileName.isDistribution(filename)
                        || !file.hashes.isEmpty()
                        || FileGrammar.carriedBy(path).isPresent());
        if (!leadsToFile) {
            return;
        }
        page.count();
        file.filename = filename;
        file.location = file.resolve(target);
        readAttributes(file, tag);
        page.add(file);
    }

    private static void readFragment(FileDraft file, String fragment) {
        for (String part : fragment.split("&", 16)) {
            int equals = part.indexOf('=');
            if (equals > 0 && ALGORITHMS.contains(part.substring(0, equals))) {
                file.hashes = file.and(file.hashes, part.substring(0, equals), part.substring(equals + 1));
            }
        }
    }

    private static void readAttributes(FileDraft file, Tag tag) {
        String requiresPython = tag.attribute("data-requires-python");
        if (requiresPython != null && !requiresPython.isEmpty()) {
            file.requiresPython = Optional.of(requiresPython);
        }
        String yanked = tag.attribute("data-yanked");
        if (yanked != null) {
            if (Texts.isProse(yanked)) {
                file.yanked = Yanked.because(yanked);
            } else {
                file.problem("data-yanked has a reason that is no text");
            }
        }
        // PEP 714: the new name goes over the old one
        String current = tag.attribute("data-core-metadata");
        String metadata = current != null ? current : tag.attribute("data-dist-info-metadata");
        if (metadata != null) {
            file.coreMetadata = metadata(file, metadata);
        }
        String provenance = tag.attribute("data-provenance");
        if (provenance != null) {
            file.provenance = Optional.ofNullable(file.resolve(provenance));
        }
        String signature = tag.attribute("data-gpg-sig");
        if (signature != null) {
            switch (signature) {
                case "true" -> file.gpgSignature = Optional.of(true);
                case "false" -> file.gpgSignature = Optional.of(false);
                default -> file.problem("data-gpg-sig is neither true nor false");
            }
        }
    }

    private static CoreMetadata metadata(FileDraft file, String value) {
        int equals = value.indexOf('=');
        if (value.equals("true")) {
            return CoreMetadata.present(Digests.none());
        }
        if (equals > 0) {
            return CoreMetadata.present(
                    file.and(Digests.none(), value.substring(0, equals), value.substring(equals + 1)));
        }
        if (!value.equals("false")) {
            file.problem("core metadata is neither true nor a digest");
        }
        return CoreMetadata.absent();
    }

    private static String withoutQuery(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static String decoded(String segment) {
        try {
            // "+" means itself in a path
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return segment;
        }
    }
}
