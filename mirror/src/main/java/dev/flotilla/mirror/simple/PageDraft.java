package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What has been read of one page. For one thread. */
final class PageDraft {
    private static final Pattern API_VERSION = Pattern.compile("([0-9]{1,9})\\.[0-9]{1,9}");

    private final ProjectName name;
    private final Limits limits;
    private final List<ProjectFile> files = new ArrayList<>();
    private final Set<String> filenames = new HashSet<>();
    private int entries;

    final DroppedEntries dropped;
    private final SequencedSet<String> versions = new LinkedHashSet<>();
    Optional<ProjectStatus> status = Optional.empty();
    final SortedMap<String, JsonText> unknown = new TreeMap<>();
    final SortedMap<String, JsonText> unknownMeta = new TreeMap<>();

    PageDraft(ProjectName name, Limits limits) {
        this.name = name;
        this.limits = limits;
        this.dropped = new DroppedEntries(limits.explanations());
    }

    /** Counts an entry before it is read. */
    void count() throws UnreadableException {
        if (++entries > limits.entries()) {
            throw new UnreadableException("more than " + limits.entries() + " entries");
        }
    }

    void add(FileDraft draft) {
        Optional<ProjectFile> file = draft.build(dropped);
        if (file.isPresent()) {
            if (filenames.add(file.get().filename())) {
                files.add(file.get());
            } else {
                dropped.add(file.get().filename(), "the page has this file name already");
            }
        }
    }

    void version(String version) throws UnreadableException {
        if (versions.size() >= limits.entries()) {
            throw new UnreadableException("more than " + limits.entries() + " versions");
        }
        if (version.isEmpty() || !Texts.isLine(version)) {
            dropped.add(version, "no version");
        } else if (!versions.add(version)) {
            dropped.add(version, "the page has this version already");
        }
    }

    int entries() {
        return entries;
    }

    PageParsing.Parsed build() {
        return new PageParsing.Parsed(
                new ProjectPage(name, files, List.copyOf(versions), status, unknown, unknownMeta),
                dropped.explained(),
                dropped.count());
    }

    /** PEP 629: a client must not go on with a major version that it does not know. */
    static void requireMajorVersion1(String apiVersion) throws UnreadableException {
        var version = API_VERSION.matcher(apiVersion.strip());
        if (!version.matches() || Integer.parseInt(version.group(1)) != 1) {
            throw new UnreadableException("API version '" + Texts.shown(apiVersion) + "', not 1.x");
        }
    }
}
