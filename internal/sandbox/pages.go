package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is fixed by the API; clients cannot change it.
const pageSize = 50

// pageOf returns one page of all. An invalid page number means 1, and a page
// past the end is empty: the pages document no error for either.
func pageOf[T any](d Dialect, query url.Values, all []T, item func(T) any) response {
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	pages := (len(all) + pageSize - 1) / pageSize
	body := wirePage{
		Items: []any{}, TotalCount: len(all), Page: number, PageSize: pageSize, TotalPages: pages,
		wireExtra: d.extra(),
	}
	if number <= pages { // also keeps the product below from overflowing
		first := (number - 1) * pageSize
		for _, v := range all[first:min(first+pageSize, len(all))] {
			body.Items = append(body.Items, item(v))
		}
	}
	return jsonResponse(http.StatusOK, body)
}
