package dev.flotilla.controller.wheels.requirement;

import dev.flotilla.controller.wheels.requirement.Marker.Expression;
import dev.flotilla.controller.wheels.requirement.Marker.Operand;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar of markers (PEP 508, "Grammar"): {@code and} binds stronger than {@code or}. */
final class MarkerParser {
    private static final int LONGEST = 4096;
    private static final int DEEPEST = 32;
    private static final Pattern SPACE = Pattern.compile("[ \\t]*");
    private static final Pattern OPERATOR = Pattern.compile("===|==|~=|!=|<=|>=|<|>|in\\b|not[ \\t]+in\\b");
    private static final Pattern TEXT = Pattern.compile("'([^']*)'|\"([^\"]*)\"");
    private static final Pattern VARIABLE =
            Pattern.compile("(python_version|python_full_version|os[._]name|sys[._]platform"
                    + "|platform_(?:release|system)|platform[._](?:version|machine|python_implementation)|python_implementation"
                    + "|implementation_(?:name|version)|extras?|dependency_groups)\\b");

    private final String text;
    private int at;
    private int depth;

    MarkerParser(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("a marker of more than " + LONGEST + " characters");
        }
        this.text = text;
    }

    Marker whole() {
        Expression expression = or();
        if (at < text.length()) {
            throw expected("'and', 'or' or the end");
        }
        return new Marker(expression);
    }

    private Expression or() {
        Expression left = and();
        while (next(word("or")).isPresent()) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = atom();
        while (next(word("and")).isPresent()) {
            left = new Expression.And(left, atom());
        }
        return left;
    }

    private Expression atom() {
        if (next(Pattern.compile("\\(")).isPresent()) {
            if (++depth > DEEPEST) {
                throw expected("less than " + DEEPEST + " parentheses around something");
            }
            Expression inner = or();
            if (next(Pattern.compile("\\)")).isEmpty()) {
                throw expected("')'");
            }
            depth--;
            return inner;
        }
        Operand left = operand();
        Matcher operator = next(OPERATOR).orElseThrow(() -> expected("an operator such as == or 'not in'"));
        return new Expression.Comparison(
                left, operator.group().startsWith("not") ? "not in" : operator.group(), operand());
    }

    private Operand operand() {
        Optional<Matcher> written = next(TEXT);
        if (written.isPresent()) {
            Matcher quoted = written.get();
            return new Operand.Literal(quoted.group(1) == null ? quoted.group(2) : quoted.group(1));
        }
        Matcher variable =
                next(VARIABLE).orElseThrow(() -> expected("a variable such as python_version, or a text in quotes"));
        String name = variable.group(1).replace('.', '_');
        return new Operand.Variable(name.equals("python_implementation") ? "platform_" + name : name);
    }

    private static Pattern word(String word) {
        return Pattern.compile(word + "\\b");
    }

    /** What comes next, read if it is of this form; the blanks around it are read in any case. */
    private Optional<Matcher> next(Pattern form) {
        skip();
        Matcher found = form.matcher(text).region(at, text.length());
        if (!found.lookingAt()) {
            return Optional.empty();
        }
        at = found.end();
        skip();
        return Optional.of(found);
    }

    private void skip() {
        Matcher blank = SPACE.matcher(text).region(at, text.length());
        if (blank.lookingAt()) {
            at = blank.end();
        }
    }

    private IllegalArgumentException expected(String what) {
        String rest = text.substring(at);
        return new IllegalArgumentException("no marker (PEP 508): " + what + " was expected "
                + (rest.isEmpty() ? "at the end" : "at '" + rest + "'"));
    }
}
