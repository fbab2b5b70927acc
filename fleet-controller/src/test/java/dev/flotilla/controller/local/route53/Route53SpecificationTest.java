package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class Route53SpecificationTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z0-9]+Test)\\.([A-Za-z0-9]+)`");

    private static final List<String> PLACES =
            List.of(Route53SpecificationTest.class.getPackageName(), "dev.flotilla.controller.simulate");

    @Test
    void everyTestThatTheTablesNameExists() throws IOException {
        TreeSet<String> missing = new TreeSet<>();
        TreeSet<String> named = new TreeSet<>();
        Matcher matcher = NAMED.matcher(Files.readString(Path.of("..", "docs", "specs", "route53.md")));
        while (matcher.find()) {
            named.add(matcher.group());
            if (!exists(matcher.group(1), matcher.group(2))) {
                missing.add(matcher.group());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).hasSizeGreaterThan(90);
    }

    private static boolean exists(String testClass, String method) {
        for (String place : PLACES) {
            try {
                return Arrays.stream(Class.forName(place + "." + testClass).getDeclaredMethods())
                        .map(Method::getName)
                        .anyMatch(method::equals);
            } catch (ClassNotFoundException none) {
                // Then it is in the next package, or nowhere.
            }
        }
        return false;
    }
}
