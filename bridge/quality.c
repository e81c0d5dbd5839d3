/*
 * Lists with quality values, read element by element, so that nothing need be
 * kept: client text never makes memory grow.
 */
#include "quality.h"

#include "field.h"

/*
 * RFC 9110 12.4.2. The digit before the point may be left out: Java's
 * HttpURLConnection sends "q=.2" by itself.
 */
static bool read_value(const char *at, apr_size_t length, int *quality)
{
    const char *end = at + length;
    int unit = HBR_QUALITY_MAX;
    int sum = 0;

    if (at < end && (*at == '0' || *at == '1'))
        sum = (*at++ - '0') * unit;
    else if (length < 2 || *at != '.')
        return false;
    if (at < end && *at++ != '.')
        return false;
    while (at < end && *at >= '0' && *at <= '9' && unit > 1)
        sum += (*at++ - '0') * (unit /= 10);
    *quality = sum;
    return at == end && sum <= HBR_QUALITY_MAX;
}

static bool is_quality(const hbr_parameter_t *parameter)
{
    return parameter->name_length == 1
           && (*parameter->name == 'q' || *parameter->name == 'Q');
}

bool hbr_quality_read(const char *at, int *quality)
{
    hbr_parameter_t parameter;

    *quality = HBR_QUALITY_MAX;
    while (hbr_parameter_next(&at, &parameter))
        if (is_quality(&parameter)
            && !read_value(parameter.value, parameter.value_length, quality))
            return false;
    at = hbr_skip_blanks(at);
    return *at == ',' || *at == '\0';
}

/* Goes behind the comma that ends this element, or to the field's end. */
static const char *skip_element(const char *at)
{
    bool quoted = false;

    for (; *at != '\0' && (quoted || *at != ','); at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (quoted && *at == '\\' && at[1] != '\0')
            at++;
    }
    return *at == ',' ? at + 1 : at;
}

const char *hbr_quality_next(const char **at)
{
    const char *element = hbr_skip_blanks(*at);

    if (*element == '\0')
        return NULL;
    *at = skip_element(element);
    return element;
}

void hbr_quality_hear(hbr_opinion_t *opinion, int closeness, int quality)
{
    if (closeness < opinion->closeness || closeness == HBR_QUALITY_NO_MATCH)
        return;
    if (closeness > opinion->closeness || quality > opinion->quality) {
        opinion->closeness = closeness;
        opinion->quality = quality;
    }
}
