package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.requirement.Requirement;
import dev.flotilla.vocabulary.ProjectName;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the packages of {@code pylock.toml} (PEP 751), {@code uv.lock} and {@code poetry.lock}: name, version and marker of each, as the tools
 * write them, one key on one line. What people could write otherwise in TOML is refused rather than misread.
 */
final class LockFile {
    private static final Pattern PACKAGE = Pattern.compile("\\[\\[packages?]]");
    private static final Pattern TABLE = Pattern.compile("\\[.*]");
    private static final Pattern TEXT =
            Pattern.compile("([a-z-]+) *= *(?:\"((?:[^\"\\\\]|\\\\[\"\\\\])*)\"|'([^']*)')");
    private static final Pattern ELSEWHERE = Pattern.compile(
            "source *= *\\{ *(virtual|editable|directory|path|git|url)\\b.*|(vcs|directory|archive) *=.*");
    private static final Pattern ELSEWHERE_TABLE = Pattern.compile("\\[packages?\\.(vcs|directory|archive|source)]");

    private LockFile() {}

    static void read(
            Path file, List<String> lines, List<Requirement> wanted, List<String> problems, List<String> remarks) {
        boolean known = false;
        Map<String, String> entry = new HashMap<>();
        Set<ProjectName> everywhere = new HashSet<>();
        boolean inEntry = false;
        int begun = 0;
        for (int i = 0; i <= lines.size(); i++) {
            String line = i < lines.size() ? lines.get(i).strip() : "[end]";
            if (line.contains("\"\"\"") || line.contains("'''")) {
                problems.add(
                        file + ":" + (i + 1) + ": a text of several lines isn't read here: give a requirements file");
                return;
            }
            // An array goes on over lines that begin with a brace, a quote or its end.
            if (TABLE.matcher(line).matches()) {
                if (ELSEWHERE_TABLE.matcher(line).matches() && !entry.isEmpty()) {
                    entry.putIfAbsent("elsewhere", line);
                } else if (PACKAGE.matcher(line).matches() || i == lines.size()) {
                    add(file + ":" + begun, entry, everywhere, wanted, problems, remarks);
                    entry.clear();
                    begun = i + 1;
                }
                inEntry = PACKAGE.matcher(line).matches();
                known |= inEntry;
            } else if (inEntry) {
                Matcher text = TEXT.matcher(line);
                if (text.matches()) {
                    String value = text.group(2) == null
                            ? text.group(3)
                            : text.group(2).replaceAll("\\\\(.)", "$1");
                    entry.put(text.group(1), value);
                } else if (ELSEWHERE.matcher(line).matches()) {
                    entry.put("elsewhere", line);
                }
            }
        }
        if (!known) {
            problems.add(
                    file + ": it is no lock file that is read here (pylock.toml, uv.lock, poetry.lock): there is no"
                            + " [[packages]] or [[package]] in it");
        }
    }

    private static void add(
            String where,
            Map<String, String> entry,
            Set<ProjectName> everywhere,
            List<Requirement> wanted,
            List<String> problems,
            List<String> remarks) {
        String name = entry.getOrDefault("name", "");
        if (entry.isEmpty()) {
            return;
        }
        if (entry.containsKey("elsewhere") || !entry.containsKey("version")) {
            remarks.add(where + ": passed over, for it is no version of an index: " + name);
            return;
        }
        String marker = entry.getOrDefault("marker", entry.getOrDefault("markers", ""));
        try {
            if (marker.isEmpty() && !everywhere.add(ProjectName.of(name))) {
                problems.add(where + ": " + name + " is in it more than once, and for which machines isn't read here:"
                        + " give what 'uv export' or 'poetry export' writes");
                return;
            }
            wanted.add(
                    Requirement.parse(name + "===" + entry.get("version") + (marker.isEmpty() ? "" : " ; " + marker)));
        } catch (IllegalArgumentException none) {
            problems.add(where + ": " + none.getMessage());
        }
    }
}
