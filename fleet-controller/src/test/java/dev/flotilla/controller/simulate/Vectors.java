package dev.flotilla.controller.simulate;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code route53/answers.vectors}, whose head says how it is written. */
final class Vectors {
    static final DnsName ZONE = new DnsName("flotilla.test");
    static final Duration TTL = Duration.ofSeconds(60);

    private static final Pattern RECORD = Pattern.compile(
            "(\\S+) (simple|primary|secondary|many|weight \\d+|near \\S+) ((?:[-=]> )?)(\\S+)(?: check (\\S+))?");
    private static final Pattern EXPECTED = Pattern.compile("(\\d+) (×|of) (.+)");

    private final List<Vector> vectors = new ArrayList<>();
    private String name = "";
    private String section = "";
    private List<RecordSet> records = new ArrayList<>();
    private List<Question> questions = new ArrayList<>();
    private Set<String> down = Set.of();

    /** Records, and what has to be answered from them. */
    record Vector(String name, String section, List<RecordSet> records, List<Question> questions) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What is asked while these checks are unhealthy. */
    record Question(Set<String> down, DnsName name, List<String> nearest, List<Expected> expected) {}

    /**
     * One of the things that may be answered.
     *
     * @param parts of all answers, relative to the others'
     */
    record Expected(int parts, int atOnce, Set<String> values) {}

    private Vectors() {}

    static List<Vector> read() {
        var reader = new Vectors();
        try (InputStream file = Objects.requireNonNull(Vectors.class.getResourceAsStream("/route53/answers.vectors"))) {
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .forEach(reader::line);
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
        reader.end();
        return reader.vectors;
    }

    private void line(String line) {
        String[] words = line.split(" ", 2);
        switch (words[0]) {
            case "vector" -> {
                end();
                name = words[1];
            }
            case "from" -> section = words[1];
            case "down" -> down = Set.of(words[1].split(" ", -1));
            case "ask" -> {
                String[] asked = words[1].split(" near ", -1);
                questions.add(new Question(
                        down,
                        ZONE.below(asked[0]),
                        asked.length > 1 ? List.of(asked[1].split(" ", -1)) : List.of(),
                        new ArrayList<>()));
            }
            case "gets" -> {
                Matcher matcher = matched(EXPECTED, words[1]);
                Set<String> values = new TreeSet<>(List.of(matcher.group(3).split(" ", -1)));
                int number = Integer.parseInt(matcher.group(1));
                boolean several = matcher.group(2).equals("of");
                questions.getLast().expected().add(new Expected(several ? 1 : number, several ? number : 1, values));
            }
            default -> records.add(set(matched(RECORD, line)));
        }
    }

    private void end() {
        if (!name.isEmpty()) {
            vectors.add(new Vector(name, section, records, questions));
        }
        records = new ArrayList<>();
        questions = new ArrayList<>();
        down = Set.of();
        section = "";
    }

    private RecordSet set(Matcher line) {
        Routing routing = routing(line.group(2));
        Content content = line.group(3).isEmpty()
                ? new Content.Values(TTL, List.of(line.group(4)))
                : new Content.Alias(ZONE.below(line.group(4)), line.group(3).startsWith("-"));
        return new RecordSet(
                ZONE.below(line.group(1)),
                "A",
                routing instanceof Routing.Simple ? Optional.empty() : Optional.of("set-" + records.size()),
                routing,
                content,
                Optional.ofNullable(line.group(5)).map(CheckReference.Existing::new));
    }

    private static Routing routing(String kind) {
        String[] words = kind.split(" ", -1);
        return switch (words[0]) {
            case "simple" -> new Routing.Simple();
            case "primary" -> new Routing.Failover(true);
            case "secondary" -> new Routing.Failover(false);
            case "many" -> new Routing.Multivalue();
            case "near" -> new Routing.Latency(words[1]);
            default -> new Routing.Weighted(Integer.parseInt(words[1]));
        };
    }

    private static Matcher matched(Pattern form, String text) {
        Matcher matcher = form.matcher(text);
        if (!matcher.matches()) {
            throw new AssertionError("a vector has a line that can't be read: " + text);
        }
        return matcher;
    }
}
