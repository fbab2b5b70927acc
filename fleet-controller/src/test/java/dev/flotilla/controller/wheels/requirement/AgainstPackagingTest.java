package dev.flotilla.controller.wheels.requirement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Versions, specifiers, markers and requirements as Python's own library reads them, over generated cases with a fixed seed. */
class AgainstPackagingTest {
    private static final int CASES = 2_000;
    private static final Map<String, String> ENVIRONMENT = Map.ofEntries(
            Map.entry("python_version", "3.11"),
            Map.entry("python_full_version", "3.11.7"),
            Map.entry("implementation_version", "3.11.7"),
            Map.entry("os_name", "posix"),
            Map.entry("sys_platform", "linux"),
            Map.entry("platform_machine", "x86_64"),
            Map.entry("platform_python_implementation", "CPython"),
            Map.entry("platform_system", "Linux"),
            Map.entry("platform_release", "6.1.0-18-amd64"),
            Map.entry("platform_version", "#1 SMP"),
            Map.entry("implementation_name", "cpython"));

    private final Random random = new Random(20_440);

    @Test
    void versionsAreReadAndOrderedAsPackagingDoes() throws IOException, InterruptedException {
        List<JsonObject> cases = new ArrayList<>();
        List<Json> ours = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            String one = version();
            cases.add(kind("version").with("text", one));
            ours.add(text(Version.parse(one).map(String::valueOf).orElse("refused")));
            String other = random.nextInt(3) == 0 ? one + pick("", ".0", ".post0", ".dev0", "+a", "rc1") : version();
            cases.add(kind("order").with("one", one).with("other", other));
            ours.add(Version.parse(one)
                    .flatMap(left -> Version.parse(other).map(right -> order(left, right)))
                    .orElse(text("refused")));
        }
        check(cases, ours);
    }

    @Test
    void specifiersMeanTheSameVersions() throws IOException, InterruptedException {
        List<JsonObject> cases = new ArrayList<>();
        List<Json> ours = new ArrayList<>();
        for (int i = 0; i < 3 * CASES; i++) {
            String specifiers = specifiers(random.nextInt(3));
            String version = version();
            if (Version.parse(version).isPresent()) {
                cases.add(kind("contains").with("text", specifiers).with("version", version));
                ours.add(contains(specifiers, version));
            }
        }
        check(cases, ours);
    }

    @Test
    void markersHoldInTheSameEnvironments() throws IOException, InterruptedException {
        List<JsonObject> cases = new ArrayList<>();
        List<Json> ours = new ArrayList<>();
        JsonObject environment = JsonObject.EMPTY.with("extra", "");
        for (var value : ENVIRONMENT.entrySet()) {
            environment = environment.with(value.getKey(), value.getValue());
        }
        for (int i = 0; i < CASES; i++) {
            String marker = marker(2);
            String extra = pick("", "socks", "test-all");
            cases.add(kind("marker").with("text", marker).with("environment", environment.with("extra", extra)));
            ours.add(holds(marker, extra));
        }
        check(cases, ours);
    }

    @Test
    void requirementsAskForTheSame() throws IOException, InterruptedException {
        List<JsonObject> cases = new ArrayList<>();
        List<Json> ours = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            String requirement = requirement();
            cases.add(kind("requirement").with("text", requirement));
            ours.add(asked(requirement));
        }
        check(cases, ours);
    }

    private static void check(List<JsonObject> cases, List<Json> ours) throws IOException, InterruptedException {
        List<List<Json>> theirs = PackagingOracle.answers(cases);
        List<String> differences = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < cases.size(); i++) {
            List<Json> answers = theirs.get(i);
            refused += answers.contains(text("refused")) ? 1 : 0;
            // What has no meaning may be refused or not hold.
            if (!answers.contains(text("undefined")) && !answers.contains(ours.get(i))) {
                differences.add(cases.get(i).members() + ": ours " + ours.get(i) + ", theirs " + answers);
            }
        }
        assertThat(differences).isEmpty();
        assertThat(refused).as("most cases are sound").isLessThan(cases.size() * 3 / 4);
    }

    private static JsonObject kind(String kind) {
        return JsonObject.EMPTY.with("kind", kind);
    }

    private static Json text(String text) {
        return new Json.Text(text);
    }

    private static Json order(Version one, Version other) {
        int order = Integer.signum(one.compareTo(other));
        assertThat(one.equals(other)).isEqualTo(order == 0);
        assertThat(order != 0 || one.hashCode() == other.hashCode()).isTrue();
        return new Json.Whole(order);
    }

    private static Json contains(String specifiers, String version) {
        try {
            return new Json.Truth(VersionSpecifiers.parse(specifiers).contains(Version.of(version)));
        } catch (IllegalArgumentException none) {
            return text("refused");
        }
    }

    private static Json holds(String marker, String extra) {
        var environment = new MarkerEnvironment(ENVIRONMENT, extra.isEmpty() ? Set.of() : Set.of(extra));
        try {
            return new Json.Truth(Marker.parse(marker).holds(environment) == Marker.Verdict.YES);
        } catch (IllegalArgumentException none) {
            return text("refused");
        }
    }

    private static Json asked(String text) {
        try {
            Requirement found = Requirement.parse(text);
            List<String> specifiers = found.specifiers().isAny()
                    ? List.of()
                    : List.of(found.specifiers().toString().split(","));
            return text(String.join(
                    " ",
                    found.project().normal(),
                    String.join(",", new TreeSet<>(found.extras())),
                    String.join(",", new TreeSet<>(specifiers)),
                    found.url().orElse(""),
                    found.marker().isPresent() ? "marked" : ""));
        } catch (IllegalArgumentException none) {
            return text("refused");
        }
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String release() {
        return random.nextInt(3) + pick("", ".0", ".1", ".0.0", ".1.0", ".01", ".10", ".2.3.4");
    }

    private String version() {
        return pick("", "", "", "", "", "", "", "", "v", "1!", "0!", " ", "x")
                + release()
                + pick("", "", "", "a1", "b2", "rc1", ".alpha", "-preview_3", "c", "rc01")
                + pick("", "", "", ".post1", "-1", "post", ".rev2", "_r3", ".post0")
                + pick("", "", "", ".dev1", "dev", "-dev_0")
                + pick("", "", "", "", "", "", "", "", "+ubuntu.1", "+1", "+a.01", "+A-b_c", "+", "+.a", "..");
    }

    private String bound() {
        return release()
                + pick("", "", "", "a1", "rc1", "b2")
                + pick("", "", "", ".post1", ".post0")
                + pick("", "", "", ".dev1")
                + pick("", "", "", "", "", "", "", "+ubuntu.1", "+1", "x");
    }

    private String specifier(String... operators) {
        String operator = pick(operators);
        return operator + pick("", " ") + (random.nextInt(4) == 0 ? release() + ".*" : bound());
    }

    private String specifiers(int more) {
        if (more == 0) {
            return specifier("==", "!=", "<=", ">=", "<", ">", "~=", "===");
        }
        // In a requirement's line a comma may belong to what === compares letter by letter.
        var text = new StringBuilder(specifier("==", "!=", "<=", ">=", "<", ">", "~="));
        for (int i = 0; i < more; i++) {
            text.append(pick(",", ", ")).append(specifier("==", "!=", "<=", ">=", "<", ">", "~="));
        }
        return text.toString();
    }

    private String marker(int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return comparison();
        }
        return switch (random.nextInt(4)) {
            case 0 -> "(" + marker(depth - 1) + ")";
            case 1 -> marker(depth - 1) + " and " + marker(depth - 1);
            case 2 -> marker(depth - 1) + pick(" or ", " or ", " xor ") + marker(depth - 1);
            default -> marker(depth - 1) + " or " + marker(depth - 1) + " and " + marker(depth - 1);
        };
    }

    private String comparison() {
        String quote = pick("'", "\"");
        String operator = pick("==", "!=", "<", ">=", "<=", ">", "==", "!=");
        return switch (random.nextInt(5)) {
            case 0 -> "python_version " + operator + " " + quote + pick("3.8", "3.11", "3.12", "2.7", "3") + quote;
            case 1 -> "python_full_version" + operator + quote + pick("3.11.3", "3.11.7", "3.12.0rc1", "3.8") + quote;
            case 2 ->
                quote + pick("3.8", "3.11", "3.12") + quote + operator + pick("python_version", "python_full_version");
            case 3 ->
                pick(
                                "sys_platform",
                                "platform_system",
                                "os_name",
                                "platform_machine",
                                "implementation_name",
                                "platform_python_implementation")
                        + pick(" == ", "!=", " in ", " not in ", "not  in ")
                        + quote
                        + pick("linux", "win32", "Linux", "posix", "x86_64 aarch64", "cpython", "CPython PyPy")
                        + quote;
            default -> "extra " + pick("==", "==", "!=") + " " + quote + pick("socks", "test-all") + quote;
        };
    }

    private String requirement() {
        return pick("a", "Some-Project", "x1", "zope", "b", "d-e", "a-", "")
                + pick("", "", "", " ", "  ")
                + pick("", "", "", "[b]", "[b, c-d]", "[]", "[b ]", "[b,]")
                + pick("", " ")
                + pick("", specifiers(0), specifiers(1), "(" + specifiers(1) + ")", " (" + specifiers(0) + ")")
                + pick("", "", "; " + marker(1), " ;" + marker(1), "", "", " # nothing");
    }
}
